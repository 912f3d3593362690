"""Windows at the border of a map."""

from ocr.targets.window import Window


def test_holds_every_pixel_touched():
    assert Window.around((2.5, 3.0, 7.2, 8.0), 0.0, 20, 20) == Window(2, 3, 8, 8)
    assert Window.around((2.5, 3.0, 7.2, 8.0), 1.5, 20, 20) == Window(1, 1, 9, 10)


def test_is_cut_at_the_border():
    assert Window.around((-5.0, -5.0, 50.0, 4.0), 1.0, 10, 20) == Window(0, 0, 20, 5)


def test_is_none_outside():
    assert Window.around((30.0, 1.0, 40.0, 4.0), 1.0, 10, 20) is None
    assert Window.around((1.0, -9.0, 4.0, -2.0), 1.0, 10, 20) is None


def test_slices_and_size_agree():
    window = Window(2, 3, 8, 5)
    assert (window.width, window.height, window.slices) == (6, 2, (slice(3, 5), slice(2, 8)))
