"""The seeded generator of synthetic receipts.

``english`` (with ``english_voice``, ``english_items``, ``english_totals``) and ``korean`` compose the rows, defined in
``content``; ``layout`` places the words, ``fonts`` provides the glyphs, ``printing`` and ``drawing`` render the ink;
``pen`` adds handwriting. ``scene`` places the paper, ``warp`` bends pixels and polygons alike, and ``picture`` renders
the picture with ``paper`` and its ``wear``; ``receipt`` combines these for one receipt and ``corpus`` writes many.
What is printed knows which fact it states (``marked``). ``facts`` invents receipts of more varied layout without
drawing them, for a model that reads facts from text and places; ``fact_noise`` misreads them, ``fact_errors`` plants
wrong amounts.

The bytes are a function of (seed, split, index) only. Everywhere in this package this requires:

* no state shared between receipts: each has its own generator (``chance``);
* no operation whose last bit depends on the processor or on a vendor's library: no BLAS or LAPACK (``@``, ``np.dot``,
  ``np.linalg``), no cv2, none of NumPy's transcendental functions (their vector code differs between processors);
  additions, multiplications, divisions and square roots are exact everywhere, tables come from the ``math`` module and
  are rounded before use;
* Pillow runs plain C on integers, or on doubles that hold only short dyadic numbers (see ``warp``);
* text is set with FreeType's basic layout, the same on every platform, from font files with locked versions.
"""
