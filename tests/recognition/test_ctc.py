"""The loss against PyTorch's own and against the sum over every path."""

import itertools

import pytest
import torch
from torch.nn import functional

from ocr.recognition.losses.ctc import CTCLoss
from ocr.recognition.targets.characters import CharacterTargets

CHARACTERS = " aAbB1"


def made(texts: list[str], steps: list[int], known: list[bool] | None = None, seed: int = 0):
    """Random logits for some texts, and the targets; all padded to the longest."""
    torch.manual_seed(seed)
    codes = [torch.from_numpy(CharacterTargets(CHARACTERS)(text)) for text in texts]
    logits_BTK = torch.randn(len(texts), max(steps), len(CHARACTERS) + 1, requires_grad=True)
    targets = {
        "codes": torch.nn.utils.rnn.pad_sequence(codes, batch_first=True),
        "lengths": torch.tensor([len(each) for each in codes]),
        "case_known": torch.tensor(known or [True] * len(texts)),
    }
    return {"logits": logits_BTK, "steps": torch.tensor(steps)}, targets


def summed_over_paths(logits_TK: torch.Tensor, text: str, *, fold: bool) -> torch.Tensor:
    """Negative logarithm of the probability of every path that is the text, each step and case tried."""
    probability_TK = logits_TK.double().softmax(-1)
    names = ["", *CHARACTERS]
    total = torch.zeros((), dtype=torch.float64)
    for path in itertools.product(range(len(names)), repeat=len(probability_TK)):
        letters = [names[code].upper() if fold else names[code] for code in path]
        read = "".join(letter for letter, _ in itertools.groupby(letters))
        if read == (text.upper() if fold else text):
            total = total + torch.prod(probability_TK[range(len(path)), list(path)])
    return -total.log()


def test_it_is_pytorchs_where_the_case_is_known() -> None:
    output, targets = made(["ab 1", "BB", "a"], [9, 7, 3])
    loss, parts = CTCLoss(CHARACTERS)(output, targets)
    each_B = functional.ctc_loss(
        output["logits"].log_softmax(-1).transpose(0, 1),
        targets["codes"],
        output["steps"],
        targets["lengths"],
        reduction="none",
    )
    torch.testing.assert_close(loss, (each_B / torch.tensor([4.0, 2.0, 1.0])).mean())
    torch.testing.assert_close(parts["ctc"], loss.detach())
    assert parts["too_long"] == 0


@pytest.mark.parametrize(("text", "steps"), [("Ab", 4), ("AA", 4), ("bB", 4), ("1", 2), ("a1", 3), ("b 1", 4)])
@pytest.mark.parametrize("known", [True, False])
def test_it_and_its_gradient_are_those_of_the_sum_over_all_paths(text: str, steps: int, known: bool) -> None:
    output, targets = made([text], [steps], [known], seed=steps)
    expected = summed_over_paths(output["logits"][0], text, fold=not known) / len(text)
    (gradient_BTK,) = torch.autograd.grad(expected, output["logits"])
    loss, _ = CTCLoss(CHARACTERS)(output, targets)
    loss.backward()
    torch.testing.assert_close(loss, expected.float())
    torch.testing.assert_close(output["logits"].grad, gradient_BTK.float(), atol=1e-6, rtol=1e-4)


def test_lines_of_both_kinds_share_a_batch() -> None:
    loss = CTCLoss(CHARACTERS)
    output, targets = made(["ab", "ab"], [5, 5], [True, False])
    both = float(loss(output, targets)[0].detach())
    alone = [
        float(
            loss(
                {name: value[[row]] for name, value in output.items()},
                {name: value[[row]] for name, value in targets.items()},
            )[0].detach()
        )
        for row in (0, 1)
    ]
    assert both == pytest.approx(sum(alone) / 2)
    assert alone[1] == pytest.approx(float(summed_over_paths(output["logits"].detach()[1], "ab", fold=True)) / 2)


def test_the_network_keeps_the_case_that_it_would_choose() -> None:
    """The gradient of a folded line leaves the ratio of a letter's two cases alone."""
    output, targets = made(["A"], [1], [False])
    CTCLoss(CHARACTERS)(output, targets)[0].backward()
    probability_K = output["logits"].detach()[0, 0].softmax(-1)
    gradient_K = output["logits"].grad[0, 0]
    small, capital = CHARACTERS.index("a") + 1, CHARACTERS.index("A") + 1
    assert gradient_K[small] < 0
    torch.testing.assert_close(gradient_K[small] / gradient_K[capital], probability_K[small] / probability_K[capital])


def test_a_change_of_case_inside_a_character_is_neither_punished_nor_rewarded() -> None:
    small, capital = CHARACTERS.index("a") + 1, CHARACTERS.index("A") + 1
    _, targets = made(["A"], [2], [False])
    losses = []
    for path in ([capital, capital], [small, small], [small, capital]):
        logits_BTK = torch.full((1, 2, len(CHARACTERS) + 1), -30.0)
        logits_BTK[0, [0, 1], path] = 0.0
        losses.append(float(CTCLoss(CHARACTERS)({"logits": logits_BTK, "steps": torch.tensor([2])}, targets)[0]))
    assert losses == pytest.approx([0.0] * 3, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "steps", "fits"), [("ab1", 3, True), ("ab1", 2, False), ("bb", 2, False), ("bb", 3, True)]
)
def test_a_text_that_needs_more_steps_counts_zero(text: str, steps: int, fits: bool) -> None:
    output, targets = made([text, "a"], [steps, 4])
    loss, parts = CTCLoss(CHARACTERS)(output, targets)
    loss.backward()
    assert float(parts["too_long"]) == (0.0 if fits else 0.5)
    assert bool(output["logits"].grad[0].any()) is fits
    assert torch.isfinite(output["logits"].grad).all()
    if not fits:
        other = float(CTCLoss(CHARACTERS)(*made(["a", "a"], [4, 4]))[0].detach())
        assert 0 < float(loss.detach()) < other


def test_case_folding_lets_letters_of_both_cases_repeat() -> None:
    """aA needs two steps with its case, and three without: a blank parts the two."""
    known = CTCLoss(CHARACTERS)(*made(["aA"], [2], [True]))[1]["too_long"]
    folded = CTCLoss(CHARACTERS)(*made(["aA"], [2], [False]))[1]["too_long"]
    assert (float(known), float(folded)) == (0.0, 1.0)


@pytest.mark.parametrize("texts", [["", "ab"], ["", ""], [""]])
def test_lines_without_codes_count_zero(texts: list[str]) -> None:
    output, targets = made(texts, [5] * len(texts))
    loss, parts = CTCLoss(CHARACTERS)(output, targets)
    loss.backward()
    assert parts["too_long"] == 0
    assert not output["logits"].grad[0].any()
    assert (float(loss.detach()) > 0) is ("ab" in texts)


def test_padding_changes_nothing() -> None:
    output, targets = made(["ab"], [6])
    expected = CTCLoss(CHARACTERS)(output, targets)[0]
    padded = {"logits": functional.pad(output["logits"], (0, 0, 0, 5), value=9.0), "steps": output["steps"]}
    longer = {**targets, "codes": functional.pad(targets["codes"], (0, 4))}
    torch.testing.assert_close(CTCLoss(CHARACTERS)(padded, longer)[0], expected)


def test_letters_with_the_same_capital_do_not_take_each_others_place() -> None:
    loss = CTCLoss("ΣσςıIiß")
    assert [(int(low), int(high)) for low, high in zip(loss.lower_K, loss.upper_K, strict=True)] == [(2, 1), (6, 5)]
    assert CTCLoss("12").lower_K.tolist() == []
