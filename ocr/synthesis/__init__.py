"""The seeded synthetic receipt generator.

``english`` (with ``english_voice``, ``english_items``, ``english_totals``) and ``korean`` say what is printed, in the
terms of ``content``; ``layout`` says where, ``fonts`` with which glyphs, ``printing`` and ``drawing`` put it down as
ink; ``pen`` adds what people write over it. ``scene`` says how the paper lies, ``warp`` bends pixels and polygons
alike, and ``picture`` makes the picture: from ``paper`` and its ``wear``; ``receipt`` puts one together and ``corpus``
writes many.

The bytes are a function of (seed, split, index) alone. What that forbids, everywhere in this package:

* no state shared between receipts: each has a generator of its own (``chance``);
* no operation whose last bit depends on the processor or on a vendor's library: no BLAS or LAPACK (``@``, ``np.dot``,
  ``np.linalg``), no cv2, none of NumPy's transcendental functions (their vector code differs between processors);
  additions, multiplications, divisions and square roots are exact everywhere, tables come from the ``math`` module and
  are rounded before use;
* what Pillow does is plain C on integers, or on doubles that hold short dyadic numbers only (see ``warp``);
* text is set with FreeType's basic layout, the same on every platform, from font files whose versions are locked.
"""
