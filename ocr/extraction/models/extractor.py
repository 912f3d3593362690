"""A transformer over the tokens of a page that names the field of each."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from ocr.extraction import tokens

DISTANCES = (1, 2, 3, 5, 7, 11, 15, 23, 41, 81)
"""Upper ends of the steps in which vertical distances are told apart, in quarters of a line."""
STEP = 16
"""Width of a step in which horizontal distances are told apart, in parts (of 256) of the text's width."""
NEAR = 4
"""Tokens up to which the distance in reading order is told apart."""


class Extractor(nn.Module):
    """Characters of each token to a vector by convolution, then attention among all tokens of the page.

    Attention knows where tokens lie to each other: each head adds a learnt number for the horizontal, the vertical and
    the reading order's distance (relative positions of T5, Raffel et al. 2020, in two dimensions as in LayoutLMv2,
    Xu et al. 2021), so that "right of TOTAL" is the same anywhere on the page.

    Args:
        fields: number of fields.
        letters: channels of the characters.
        width: channels of a token, a multiple of ``heads``.
        blocks: layers of attention.
        heads: heads of their attention.
        dropout: during training.

    Raises:
        ValueError: ``width`` is no multiple of ``heads``.
    """

    def __init__(
        self, *, fields: int, letters: int = 96, width: int = 160, blocks: int = 4, heads: int = 5, dropout: float = 0.1
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width={width} must be a multiple of heads={heads}")
        self.letters = nn.Embedding(256, 32)
        self.positions = nn.Parameter(torch.randn(tokens.TEXT, 32) * 0.1)
        self.near = nn.Conv1d(32, letters, 3, padding=1)
        self.wider = nn.Conv1d(letters, letters, 3, padding=1)
        self.spelling = nn.Linear(letters, width)
        self.place = nn.Linear(8, width)
        self.rank, self.equal = nn.Embedding(12, width), nn.Embedding(6, width)
        self.across = nn.Embedding(2 * (256 // STEP) + 1, heads)
        self.down = nn.Embedding(2 * len(DISTANCES) + 1, heads)
        self.order = nn.Embedding(2 * NEAR + 1, heads)
        self.blocks = nn.ModuleList([Block(width, heads, dropout) for _ in range(blocks)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, fields + 2)
        self.register_buffer("distances_K", torch.tensor(DISTANCES), persistent=False)

    distances_K: torch.Tensor

    def forward(self, images_BCHW: torch.Tensor) -> dict[str, torch.Tensor]:
        """Pages of tokens to scores.

        Args:
            images_BCHW: uint8 (B, 1, N, `ocr.extraction.tokens.COLUMNS`), padded with rows of zeros.

        Returns:
            ``logits``, float32 (B, N, fields + 1), the first for none; ``starts``, float32 (B, N), the score of the
            first token of an item; ``counts``, int64 (B,), the number of tokens.
        """
        rows_BNF = images_BCHW[:, 0].long()
        mask_BN = (rows_BNF[..., tokens.HEIGHT] > 0).float()
        x_BNC = self.spelled(rows_BNF[..., : tokens.TEXT]) + self.placed(rows_BNF, mask_BN)
        bias_BHNN = self.bias(rows_BNF) + (mask_BN[:, None, None] - 1.0) * 1e4
        for block in self.blocks:
            x_BNC = block(x_BNC, bias_BHNN)
        scores_BNK = self.head(self.norm(x_BNC)).float()
        return {"logits": scores_BNK[..., :-1], "starts": scores_BNK[..., -1], "counts": mask_BN.sum(1).long()}

    def spelled(self, bytes_BNL: torch.Tensor) -> torch.Tensor:
        """int64 (B, N, `TEXT`) to (B, N, C): the strongest answer to each pattern of characters."""
        batch, count, length = bytes_BNL.shape
        x_ML32 = self.letters(bytes_BNL.reshape(-1, length)) + self.positions
        x_MCL = functional.gelu(self.near(x_ML32.transpose(1, 2)))
        x_MCL = functional.gelu(self.wider(x_MCL))
        return cast(torch.Tensor, self.spelling(x_MCL.amax(-1)).reshape(batch, count, -1))

    def placed(self, rows_BNF: torch.Tensor, mask_BN: torch.Tensor) -> torch.Tensor:
        """Bytes behind the text (B, N, F) to (B, N, C)."""
        down_BN = down(rows_BNF).float()
        up_BN = ((down_BN * mask_BN).amax(1, keepdim=True) - down_BN) * mask_BN
        left_BN, right_BN, height_BN, place_BN, count_BN = (
            rows_BNF[..., column].float()
            for column in (tokens.LEFT, tokens.RIGHT, tokens.HEIGHT, tokens.PLACE, tokens.COUNT)
        )
        of_page_BN8 = torch.stack(
            (
                *(left_BN / 255, right_BN / 255, (left_BN + right_BN) / 510, (1.0 + down_BN).log() / 3),
                *((1.0 + up_BN).log() / 3, (height_BN - 128) / 32, (1.0 + place_BN).log(), (1.0 + count_BN).log()),
            ),
            -1,
        )
        rank_BN = rows_BNF[..., tokens.RANK].clamp(max=self.rank.num_embeddings - 1)
        equal_BN = rows_BNF[..., tokens.EQUAL].clamp(max=self.equal.num_embeddings - 1)
        return cast(torch.Tensor, self.place(of_page_BN8) + self.rank(rank_BN) + self.equal(equal_BN))

    def bias(self, rows_BNF: torch.Tensor) -> torch.Tensor:
        """What each head adds for the places of two tokens to each other, (B, heads, N, N)."""
        left_BN, right_BN, down_BN = rows_BNF[..., tokens.LEFT], rows_BNF[..., tokens.RIGHT], down(rows_BNF)
        across_BNN = (left_BN[:, None, :] + right_BN[:, None, :] - left_BN[:, :, None] - right_BN[:, :, None]) // 2
        steps = self.across.num_embeddings // 2
        across_BNN = torch.div(across_BNN, STEP, rounding_mode="floor").clamp(-steps, steps) + steps
        apart_BNN = down_BN[:, None, :] - down_BN[:, :, None]
        size_BNN = (apart_BNN.abs()[..., None] >= self.distances_K).sum(-1)
        down_BNN = apart_BNN.sign() * size_BNN + len(DISTANCES)
        place_N = torch.arange(rows_BNF.shape[1], device=rows_BNF.device)
        order_NN = (place_N[None, :] - place_N[:, None]).clamp(-NEAR, NEAR) + NEAR
        bias_BNNH = self.across(across_BNN) + self.down(down_BNN) + self.order(order_NN)
        return cast(torch.Tensor, bias_BNNH.permute(0, 3, 1, 2))


def down(rows_BNF: torch.Tensor) -> torch.Tensor:
    """Vertical places, int64 (B, N), in quarters of a line."""
    return rows_BNF[..., tokens.DOWN_HIGH] * 256 + rows_BNF[..., tokens.DOWN_LOW]


class Block(nn.Module):
    """Attention among the tokens, then a feed-forward layer, each with a residual (Vaswani et al. 2017, pre-norm)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.wide_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BNC: torch.Tensor, bias_BHNN: torch.Tensor) -> torch.Tensor:
        """(B, N, C) to the same."""
        batch, count, width = x_BNC.shape
        parts = self.query_key_value(self.attention_norm(x_BNC)).reshape(batch, count, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        weights_BHNN = (query @ key.transpose(-1, -2) / math.sqrt(width // self.heads) + bias_BHNN).softmax(-1)
        mixed_BNC = (weights_BHNN @ value).transpose(1, 2).reshape(batch, count, width)
        x_BNC = x_BNC + self.dropout(self.project(mixed_BNC))
        wide_BNC = functional.gelu(self.widen(self.wide_norm(x_BNC)))
        return cast(torch.Tensor, x_BNC + self.dropout(self.narrow(wide_BNC)))
