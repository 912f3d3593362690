"""A recogniser whose decoder reads characters by attention, or guides the training of one that reads by CTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional

from ocr.recognition.models.recognizer import DECODER, Recognizer
from ocr.text import BLANK

FORBIDDEN = -1e4
"""Score of what may not be read: 0 as a probability, and finite in half precision."""


class AttentionRecognizer(Recognizer):
    """A `Recognizer` with the decoder of PARSeq (Bautista and Atienza 2022) beside its CTC layer.

    Both learn from the same features. With ``read="ctc"`` the decoder only guides the training (Hu et al. 2020,
    "GTC"), costs nothing afterwards and is not exported.

    With ``read="attention"`` a line is read in two passes, both of all positions at once: the first knows the picture
    alone, the second also what the first read at all other positions (PARSeq's non-autoregressive decoding with one
    refinement, section 3.4). Its work does not depend on the text, so it can be exported as one graph. Texts of
    ``longest`` characters or more are cut off there.

    Args:
        characters: the charset.
        read: ``attention`` or ``ctc``.
        decoder_heads: heads of the decoder's attention.
        longest: positions of the decoder; the last one is for the end of the text.
        **sizes: of `Recognizer`.

    Raises:
        ValueError: sizes do not fit, or ``read`` is neither.
    """

    def __init__(
        self, *, characters: str, read: str = "attention", decoder_heads: int = 6, longest: int = 128, **sizes: Any
    ) -> None:
        super().__init__(characters=characters, **sizes)
        width = self.head.in_features
        if read not in {"attention", "ctc"} or width % decoder_heads:
            raise ValueError(
                f"read={read} must be attention or ctc, and width={width} a multiple of decoder_heads={decoder_heads}"
            )
        self.read = read
        self.longest = longest
        self.decoder = PositionDecoder(
            len(characters) + 1, width, decoder_heads, longest, dropout=float(sizes.get("dropout", 0.1))
        )

    def forward(self, images_BCHW: torch.Tensor) -> dict[str, Any]:
        """Pictures of lines to scores.

        Args:
            images_BCHW: as for `Recognizer`.

        Returns:
            ``ctc``: what `Recognizer` returns. ``taught``: from context and mask to the decoder's scores, as
            `PositionDecoder`, for the loss. ``longest``: positions of the decoder. ``logits`` and ``steps``: of CTC;
            or, in evaluation mode with ``read="attention"``, float32 (B, ``longest``, characters + 1), of the end of
            the text and each character at each position, and how many positions there are up to the end.
        """
        x_BTC, mask_BT = self.features(images_BCHW)
        ctc = self.scores(x_BTC, mask_BT)

        def taught(context_BLC: torch.Tensor, known_BNL: torch.Tensor) -> torch.Tensor:
            return cast(torch.Tensor, self.decoder(context_BLC, known_BNL, x_BTC, mask_BT[:, None]))

        output = {**ctc, "ctc": ctc, "taught": taught, "embed": self.decoder.embed, "longest": self.longest}
        if self.training or self.read == "ctc":
            return output
        logits_BNK, count_B = self.sequence(taught)
        # A line that is padding from end to end has no steps, as with CTC.
        return {**output, "logits": logits_BNK, "steps": count_B * (ctc["steps"] > 0), "sequence": True}

    def sequence(
        self, taught: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of the positions, and how many there are up to the end of the text."""
        start_11C = self.decoder.begin[None, None]
        first_BNK = taught(start_11C, start_11C.new_ones(1, self.longest, 1))
        codes_BN = first_BNK.argmax(-1)
        context_BLC = self.decoder.embed(codes_BN[:, :-1])
        # A position knows the beginning, and of the text all but its own reading and what stands behind the end.
        others_NL = 1.0 - torch.eye(self.longest, self.longest, device=codes_BN.device)[:, : self.longest - 1]
        inside_BL = ((codes_BN[:, :-1] == BLANK).long().cumsum(1) == 0).float()
        logits_BNK = taught(context_BLC, functional.pad(others_NL * inside_BL[:, None], (1, 0), value=1.0))
        open_BN = (logits_BNK.argmax(-1) == BLANK).long().cumsum(1) == 0
        return logits_BNK, (open_BN.sum(1) + 1).clamp(max=self.longest)

    def adapted(self, weights: Mapping[str, torch.Tensor], characters: str) -> dict[str, torch.Tensor]:
        """As `Recognizer.adapted`; the decoder's weights are used if both charsets are the same."""
        own = {f"{DECODER}{name}": value.detach().clone() for name, value in self.decoder.state_dict().items()}
        theirs = {name: value for name, value in weights.items() if name.startswith(DECODER)}
        decoder = theirs if theirs and characters == self.characters else own
        return {**super().adapted(weights, characters), **decoder}


class PositionDecoder(nn.Module):
    """One layer of PARSeq's decoder: a query for each position looks at the context, then at the picture.

    Args:
        classes: the end of the text and each character.
        width: channels.
        heads: of the attention.
        positions: number of queries.
        dropout: in training.
    """

    def __init__(self, classes: int, width: int, heads: int, positions: int, dropout: float) -> None:
        super().__init__()
        self.queries = nn.Parameter(0.02 * torch.randn(positions, width))
        self.begin = nn.Parameter(0.02 * torch.randn(width))
        self.letters = nn.Embedding(classes, width)
        nn.init.normal_(self.letters.weight, std=0.02)
        self.context = CrossAttention(width, heads)
        self.picture = CrossAttention(width, heads)
        self.query_norm, self.context_norm, self.picture_norm, self.wide_norm, self.norm = (
            nn.LayerNorm(width) for _ in range(5)
        )
        self.widen, self.narrow = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        self.head = nn.Linear(width, classes)
        self.dropout = nn.Dropout(dropout)

    def embed(self, *codes_BL: torch.Tensor) -> torch.Tensor:
        """The context (B, 1 + L, C) of a text: its beginning, then its characters.

        Args:
            *codes_BL: int64 (B, L); of several, such as a letter in both its cases, the mean is taken.
        """
        letters_BLC = torch.stack([self.letters(codes) for codes in codes_BL]).mean(0)
        batch, length, _ = letters_BLC.shape
        begin_B1C = self.begin.expand(batch, 1, -1)
        return torch.cat([begin_B1C, letters_BLC + self.queries[:length]], dim=1)

    def forward(
        self, context_BLC: torch.Tensor, known_BNL: torch.Tensor, x_BTC: torch.Tensor, mask_B1T: torch.Tensor
    ) -> torch.Tensor:
        """Scores of N positions.

        Args:
            context_BLC: what is known of the text, as `embed` makes it.
            known_BNL: 1 or true where a position may know a part of the context, else 0; B or N may be 1.
            x_BTC: features of the picture.
            mask_B1T: the same for these; 0 in the padding.

        Returns:
            float32 (B, N, classes).
        """
        query_BNC = self.queries[: known_BNL.shape[1]].expand(x_BTC.shape[0], -1, -1)
        context_BLC = self.context_norm(context_BLC).expand(x_BTC.shape[0], -1, -1)
        query_BNC = query_BNC + self.dropout(self.context(self.query_norm(query_BNC), context_BLC, known_BNL))
        query_BNC = query_BNC + self.dropout(self.picture(self.picture_norm(query_BNC), x_BTC, mask_B1T))
        wide_BNC = functional.gelu(self.widen(self.wide_norm(query_BNC)))
        query_BNC = query_BNC + self.dropout(self.narrow(wide_BNC))
        return cast(torch.Tensor, self.head(self.norm(query_BNC)).float())


class CrossAttention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017) of queries to something else."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.project = nn.Linear(width, width), nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)

    def forward(self, query_BNC: torch.Tensor, other_BLC: torch.Tensor, known_BNL: torch.Tensor) -> torch.Tensor:
        """(B, N, C); a query looks where ``known_BNL`` is 1 or true."""
        batch, count, width = query_BNC.shape
        query_BHNC = self.query(query_BNC).reshape(batch, count, self.heads, -1).transpose(1, 2)
        parts = self.key_value(other_BLC).reshape(batch, -1, 2, self.heads, width // self.heads)
        key_BHLC, value_BHLC = parts.permute(2, 0, 3, 1, 4).unbind(0)
        mixed_BHNC = functional.scaled_dot_product_attention(
            query_BHNC, key_BHLC, value_BHLC, attn_mask=(1.0 - known_BNL[:, None].to(query_BHNC.dtype)) * FORBIDDEN
        )
        return cast(torch.Tensor, self.project(mixed_BHNC.transpose(1, 2).reshape(batch, count, width)))
