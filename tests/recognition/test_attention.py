"""The decoder that reads by attention: it learns, reads alike in any batch, and guides a network that reads by CTC."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional

from ocr.engines.export import line_graph
from ocr.engines.torch_engine import CharacterProbabilities
from ocr.recognition.losses.ctc import CTCLoss
from ocr.recognition.losses.permuted import LEFT_OUT, PermutedLoss
from ocr.recognition.models import AttentionRecognizer, Recognizer
from ocr.recognition.models.attention import PositionDecoder
from ocr.recognition.postprocess.decode import DecodeLines
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.recognition.postprocess.sequence import GreedySequence
from ocr.types import InputError
from ocr.weights.kinds import faults
from ocr.weights.parts import changed_postprocess

CHARACTERS = " abAB1"
SIZES: dict[str, Any] = {"channels": (4, 8, 12), "depth": 1, "width": 24, "blocks": 1, "heads": 3, "dropout": 0.0}


def made(**settings: Any) -> AttentionRecognizer:
    torch.manual_seed(0)
    return AttentionRecognizer(characters=CHARACTERS, decoder_heads=3, **{"longest": 7, **SIZES, **settings})


def lines(*widths: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    drawn = [torch.randint(1, 256, (1, 3, 32, width), dtype=torch.uint8, generator=generator) for width in widths]
    return torch.cat([functional.pad(line, (0, max(widths) - line.shape[-1])) for line in drawn])


def targets(*texts: str, case_known: bool = True) -> dict[str, torch.Tensor]:
    codes = [[CHARACTERS.index(letter) + 1 for letter in text] for text in texts]
    longest = max(map(len, texts))
    return {
        "codes": torch.tensor([each + [0] * (longest - len(each)) for each in codes]).reshape(len(texts), longest),
        "lengths": torch.tensor([len(each) for each in codes]),
        "case_known": torch.full((len(texts),), case_known),
    }


def probabilities(network: AttentionRecognizer, images_BCHW: torch.Tensor) -> list[np.ndarray]:
    with torch.no_grad():
        each, steps = CharacterProbabilities(network.eval())(images_BCHW)
    return [line[:count].numpy() for line, count in zip(each, steps.tolist(), strict=True)]


@pytest.fixture(scope="module")
def trained() -> AttentionRecognizer:
    """A network that has learnt four texts by heart."""
    network, loss = made(), PermutedLoss(CHARACTERS, orders=4)
    images_BCHW, wanted = lines(64, 48, 64, 40), targets("aB 1", "1", "bAb", "AA")
    optimiser = torch.optim.AdamW(network.parameters(), 0.01)
    for _ in range(120):
        total, _ = loss(network(images_BCHW), wanted)
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
    return network.eval()


def test_it_learns_to_read(trained: AttentionRecognizer) -> None:
    decode = GreedySequence(CHARACTERS)
    readings = [decode(line_TK) for line_TK in probabilities(trained, lines(64, 48, 64, 40))]
    assert [reading.text for reading in readings] == ["aB 1", "1", "bAb", "AA"]
    assert all(len(reading.confidences) == len(reading.text) for reading in readings)
    assert min(reading.confidence for reading in readings) > 0.5


def test_what_is_read_depends_on_nothing_beside_it(trained: AttentionRecognizer) -> None:
    together = probabilities(trained, lines(64, 48, 64, 40))
    alone = probabilities(trained, lines(64, 48, 64, 40)[1:2, ..., :48])
    np.testing.assert_allclose(alone[0], together[1], atol=1e-5)


def test_onnx_runtime_computes_the_same(trained: AttentionRecognizer) -> None:
    graph = line_graph(trained, 32)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    images_BCHW = lines(64, 48, 64, 40)
    each_BNK, steps_B = session.run(None, {"images": images_BCHW.numpy()})
    for line_TK, found_NK, count in zip(probabilities(trained, images_BCHW), each_BNK, steps_B, strict=True):
        np.testing.assert_allclose(found_NK[:count], line_TK, atol=1e-5)


def test_a_black_line_has_no_steps(trained: AttentionRecognizer) -> None:
    assert probabilities(trained, torch.zeros(1, 3, 32, 64, dtype=torch.uint8))[0].shape == (0, len(CHARACTERS) + 1)


def test_the_decoders_weights_all_learn() -> None:
    network = made()
    PermutedLoss(CHARACTERS)(network(lines(64, 40)), targets("aB 1", "1"))[0].backward()
    without = [name for name, each in network.named_parameters() if each.grad is None or not each.grad.any()]
    assert without == []


def test_guidance_changes_nothing_about_how_ctc_reads() -> None:
    network = made(read="ctc").eval()
    plain = Recognizer(characters=CHARACTERS, **SIZES).eval()
    plain.load_state_dict(plain.adapted(network.state_dict(), CHARACTERS))
    with torch.no_grad():
        guided, alone = network(lines(64, 40)), plain(lines(64, 40))
    assert torch.equal(guided["logits"], alone["logits"])
    assert torch.equal(guided["steps"], alone["steps"])


def test_a_decoder_is_added_to_a_network_without_one() -> None:
    torch.manual_seed(5)
    plain, network = Recognizer(characters=CHARACTERS, **SIZES), made()
    network.load_state_dict(network.adapted(plain.state_dict(), CHARACTERS))
    assert torch.equal(network.head.weight, plain.head.weight)
    other = made()
    other.load_state_dict(other.adapted(network.state_dict(), CHARACTERS))
    assert torch.equal(other.decoder.queries, network.decoder.queries)


class TestLoss:
    def test_known_answer(self) -> None:
        """A decoder that gives each code the same score: log K for each character and each end."""
        network = made()
        network.decoder.head.weight.data.zero_()
        network.decoder.head.bias.data.zero_()
        output = network(lines(64, 40))
        total, parts = PermutedLoss(CHARACTERS, ctc_weight=0.0)(output, targets("aB 1", "1"))
        assert float(total.detach()) == pytest.approx(np.log(len(CHARACTERS) + 1), rel=1e-6)
        assert float(parts["too_long"]) == 0.0

    def test_ctc_is_that_of_the_loss_without_a_decoder(self) -> None:
        output, wanted = made()(lines(64, 40)), targets("aB 1", "1")
        expected, _ = CTCLoss(CHARACTERS)(output["ctc"], wanted)
        total, parts = PermutedLoss(CHARACTERS, ctc_weight=2.0).eval()(output, wanted)
        assert float(parts["ctc"]) == pytest.approx(float(expected.detach()))
        assert float(total.detach()) == pytest.approx(2 * float(parts["ctc"]) + float(parts["decoder"]), rel=1e-5)

    def test_in_each_order_a_position_knows_those_before_it(self) -> None:
        nothing, forward, backward, *random = PermutedLoss(CHARACTERS, orders=6).known(3)
        assert nothing.tolist() == [[True, False, False, False]] * 4
        assert forward[:, 1:].tolist() == [[False] * 3, [True, False, False], [True, True, False], [True] * 3]
        assert backward[:3, 1:].tolist() == [[False, True, True], [False, False, True], [False] * 3]
        assert len(random) == 4
        for order, reverse in zip(random[::2], random[1::2], strict=True):
            # Of two characters, one knows the other in an order, the other the one in its reverse.
            either = order[:3, 1:] ^ reverse[:3, 1:]
            assert torch.equal(either, ~torch.eye(3, dtype=torch.bool))

    def test_the_loss_of_an_evaluation_is_a_function_of_its_input(self) -> None:
        loss, output, wanted = PermutedLoss(CHARACTERS).eval(), made().eval()(lines(64)), targets("aB 1")
        assert loss(output, wanted)[0] == loss(output, wanted)[0]
        assert len(loss.known(4)) == 3

    def test_padding_of_a_text_changes_nothing(self) -> None:
        loss, network = PermutedLoss(CHARACTERS, ctc_weight=0.0).eval(), made().eval()
        (alone, _), (both, _) = (
            loss(network(lines(64)), targets("b1")),
            loss(network(lines(64, 64)), targets("b1", "aB 1") | {"lengths": torch.tensor([2, 0])}),
        )
        assert float(alone.detach()) == pytest.approx(float(both.detach()), rel=1e-5)

    def test_texts_in_capitals_accept_either_case(self) -> None:
        loss, network = PermutedLoss(CHARACTERS, ctc_weight=0.0).eval(), made().eval()
        output = network(lines(64))
        capital, small = (loss(output, targets(text, case_known=False))[0] for text in ("AB", "ab"))
        assert float(capital.detach()) == pytest.approx(float(small.detach()))
        known = [float(loss(output, targets(text))[0].detach()) for text in ("AB", "ab", "Ab", "aB")]
        assert float(capital.detach()) < min(known)

    def test_texts_longer_than_the_decoder_are_left_out(self) -> None:
        loss, network = PermutedLoss(CHARACTERS, ctc_weight=0.0).eval(), made().eval()
        total, parts = loss(network(lines(64, 64)), targets("b1", "aB 1aB1"))
        alone, _ = loss(network(lines(64)), targets("b1"))
        assert float(total.detach()) == pytest.approx(float(alone.detach()), rel=1e-5)
        assert float(parts["too_long"]) == pytest.approx(0.5)

    def test_another_network_is_named(self) -> None:
        network = Recognizer(characters=CHARACTERS, **SIZES)
        with pytest.raises(InputError, match=r"loss=permuted needs a network with a decoder"):
            PermutedLoss(CHARACTERS)(network(lines(64)), targets("a"))

    @pytest.mark.parametrize("orders", [0, 1, 3])
    def test_orders_come_with_their_reverses(self, orders: int) -> None:
        with pytest.raises(ValueError, match=f"orders={orders} must be 2, 4, 6"):
            PermutedLoss(CHARACTERS, orders=orders)


def test_hidden_context_is_not_known() -> None:
    torch.manual_seed(0)
    decoder = PositionDecoder(4, 12, 2, 5, dropout=0.0).eval()
    x_BTC, shown_B1T = torch.randn(1, 6, 12), torch.ones(1, 1, 6)
    known_BNL = torch.ones(1, 3, 3)
    known_BNL[:, :, 2] = 0
    first, second = (decoder(decoder.embed(torch.tensor([[1, code]])), known_BNL, x_BTC, shown_B1T) for code in (2, 3))
    assert torch.equal(first, second)
    third = decoder(decoder.embed(torch.tensor([[2, 2]])), known_BNL, x_BTC, shown_B1T)
    assert not torch.equal(first, third)


class TestSequence:
    def reading(self, text: str, end: str = "|") -> Any:
        rows = np.full((len(text), len(CHARACTERS) + 1), 0.01, np.float32)
        for row, letter in enumerate(text):
            rows[row, 0 if letter == end else CHARACTERS.index(letter) + 1] = 0.9 - 0.1 * row
        return GreedySequence(CHARACTERS)(rows)

    def test_what_follows_the_end_is_not_read(self) -> None:
        assert self.reading("aB|1").text == "aB"

    def test_spaces_at_the_ends_are_left_out_with_their_confidences(self) -> None:
        reading = self.reading(" a B ")
        assert reading.text == "a B"
        assert reading.confidences == pytest.approx((0.8, 0.7, 0.6))

    def test_no_position_is_no_text(self) -> None:
        assert GreedySequence(CHARACTERS)(np.zeros((0, 7), np.float32)).text == ""
        assert self.reading("|a").text == ""


class TestPairs:
    """A network that reads positions and one that reads steps are not decoded alike."""

    @pytest.mark.parametrize(
        ("read", "postprocess"), [("attention", GreedyCTC(CHARACTERS)), ("ctc", GreedySequence(CHARACTERS))]
    )
    def test_decoding_of_the_other_kind_is_refused(self, read: str, postprocess: Any) -> None:
        output = made(read=read).eval()(lines(64))
        with pytest.raises(InputError, match=r"cannot decode this network: .*task=recognition"):
            DecodeLines(postprocess)(output, None)  # type: ignore[arg-type]

    @pytest.mark.parametrize(("read", "postprocess"), [("attention", "greedy"), ("ctc", "sequence")])
    def test_a_file_that_says_otherwise_is_refused(self, read: str, postprocess: str) -> None:
        model = {"kind": "attention-recognizer", "characters": CHARACTERS, "read": read}
        sections = {
            "task": "recognition",
            "model": model,
            "postprocess": {"kind": postprocess, "characters": CHARACTERS},
        }
        (fault,) = faults(sections)
        assert fault.startswith(f"postprocess.kind is '{postprocess}'; with this model it must be ")
        sections["model"] = {**model, "read": "ctc" if read == "attention" else "attention"}
        assert list(faults(sections)) == []

    def test_no_beam_search_over_positions(self) -> None:
        kept = {"kind": "sequence", "characters": CHARACTERS}
        with pytest.raises(InputError, match=r"postprocess=beam: this network's postprocess is sequence"):
            changed_postprocess(kept, {"kind": "beam"})


@pytest.mark.parametrize(
    "settings", [{"read": "both"}, {"decoder_heads": 5}], ids=lambda settings: next(iter(settings))
)
def test_settings_that_do_not_fit_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"read=\w+ must be attention or ctc, and width=24 a multiple of"):
        AttentionRecognizer(characters=CHARACTERS, **{"decoder_heads": 3, **SIZES, **settings})


def test_codes_that_are_not_learnt_are_those_of_the_loss() -> None:
    assert torch.nn.CrossEntropyLoss().ignore_index == LEFT_OUT
