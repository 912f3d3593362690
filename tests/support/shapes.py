"""Polygons that tests measure, draw and look for: float32 (N, 2)."""

import math

import numpy as np


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def box(x: float, y: float, width: float = 60, height: float = 20) -> np.ndarray:
    return rectangle(x, y, x + width, y + height)


def turned(center: object, width: float, height: float, degrees: float) -> np.ndarray:
    angle = math.radians(degrees)
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    return (corners @ rotation.T + center).astype(np.float32)


def bent(center: object, width: float, height: float, rise: float, count: int = 6) -> np.ndarray:
    x = np.linspace(-width / 2, width / 2, count)
    y = rise * np.cos(np.pi * x / width)
    top, bottom = np.stack([x, y - height / 2], 1), np.stack([x, y + height / 2], 1)[::-1]
    return (np.concatenate([top, bottom]) + center).astype(np.float32)
