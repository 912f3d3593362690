"""The arithmetic of an invented receipt: what was bought, what is added to it, how it is paid.

Amounts are whole numbers of the currency's smallest unit (sen, cents, won), quantities are thousandths.
"""

from __future__ import annotations

from dataclasses import dataclass

from ocr.synthesis.chance import Chance

ONE = 1000
"""The quantity of one piece."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One item sold.

    Attributes:
        name: what it is called.
        quantity: in thousandths, greater than 0.
        unit: price of one.
        discount: what is taken off the item, 0 or more.
        taxed: it bears the tax; other items are zero-rated.
    """

    name: str
    quantity: int
    unit: int
    discount: int = 0
    taxed: bool = True

    @property
    def gross(self) -> int:
        """Quantity times price."""
        return divided(self.quantity * self.unit, ONE)

    @property
    def price(self) -> int:
        """What the item costs, after its discount."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True)
class Rules:
    """What a shop adds to its prices, and how it rounds.

    Attributes:
        tax_rate: in tenths of a percent, 0 for none.
        tax_added: the tax is added to the prices; otherwise it is in them.
        service_rate: service charge in percent, 0 for none.
        step: totals are rounded to a multiple of it; 1 for no rounding.
        notes: the banknotes and coins that customers pay with, each a multiple of ``step``.
    """

    tax_rate: int
    tax_added: bool
    service_rate: int
    step: int
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """The amounts of one receipt; those that follow from others are computed.

    Attributes:
        items: what was bought.
        discount: taken off all of it, 0 or more.
        rules: tax, service charge and rounding.
        cash: what was handed over, 0 if nothing was paid in cash.
        card: what was paid by card.
    """

    items: tuple[Purchase, ...]
    discount: int
    rules: Rules
    cash: int = 0
    card: int = 0

    @property
    def subtotal(self) -> int:
        """The sum of the items' prices."""
        return sum(item.price for item in self.items)

    @property
    def service(self) -> int:
        """The service charge."""
        return divided((self.subtotal - self.discount) * self.rules.service_rate, 100)

    @property
    def taxable(self) -> int:
        """What the tax is computed of: without it if it is added, else with it."""
        untaxed = sum(item.price for item in self.items if not item.taxed)
        return self.subtotal - self.discount + self.service - untaxed

    @property
    def tax(self) -> int:
        """The tax, added or included."""
        rate = self.rules.tax_rate
        return divided(self.taxable * rate, 1000 if self.rules.tax_added else 1000 + rate)

    @property
    def unrounded(self) -> int:
        """The total before it is rounded."""
        return self.subtotal - self.discount + self.service + (self.tax if self.rules.tax_added else 0)

    @property
    def total(self) -> int:
        """What is to be paid."""
        return divided(self.unrounded, self.rules.step) * self.rules.step

    @property
    def rounding(self) -> int:
        """What rounding adds."""
        return self.total - self.unrounded

    @property
    def change(self) -> int:
        """What is given back."""
        return self.cash + self.card - self.total


def divided(amount: int, by: int) -> int:
    """The nearest whole number of a quotient, halves up."""
    return (2 * amount + by) // (2 * by)


def settle(chance: Chance, items: tuple[Purchase, ...], rules: Rules) -> Bill:
    """A bill for the items, perhaps with a discount, paid in cash or by card."""
    discount = 0
    subtotal = sum(item.price for item in items)
    if chance.coin(0.1) and all(item.taxed for item in items):
        discount = chance.pick((divided(subtotal, 10), divided(subtotal, 20), divided(subtotal, 5 * rules.step)))
    total = Bill(items, discount, rules).total
    if chance.coin(0.3):
        return Bill(items, discount, rules, card=total)
    if chance.coin(0.25):
        return Bill(items, discount, rules, cash=total)
    note = chance.pick(rules.notes)
    return Bill(items, discount, rules, cash=-(-total // note) * note)
