"""How the shops of each country name what is on a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Country:
    """How receipts of a country name things.

    Attributes:
        forms: legal forms of companies.
        money: names and signs of the currency.
        phone: labels of a telephone number.
        taxes: names of the tax.
        rates: its usual rates in tenths of a percent.
        comma: amounts have a decimal comma.
        words: labels by what they name, where they are not those of Malaysia.
    """

    forms: tuple[str, ...]
    money: tuple[str, ...]
    phone: tuple[str, ...]
    taxes: tuple[str, ...]
    rates: tuple[int, ...]
    comma: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


WORDS = MappingProxyType({
    "date": ("DATE", "DATE", "DATE", "BILL DATE", "INV DATE", "TRANS DATE", "TARIKH", "DATED", "DT", "INVOICE DATE",
        "DD"),
    "time": ("TIME", "TIME", "MASA", "TM"),
    "number": ("INVOICE NO", "INV NO", "RECEIPT NO", "RECEIPT #", "BILL NO", "BILL#", "DOC NO", "CB#", "INVOICE #",
        "INV#", "SLIP NO", "CHECK #", "RCPT#", "TAX INVOICE NO", "CASH BILL NO", "NO", "TRN", "INV. NO.", "BILL",
        "REF NO", "CHIT NO", "INVOICE NUMBER", "NO. RESIT"),
    "subtotal": ("SUBTOTAL", "SUB TOTAL", "SUB-TOTAL", "SUB-TOTAL (GST)", "TOTAL (EXCLUDING GST)", "STTL", "NET",
        "TOTAL SALES (EXCLUDING GST)", "SUB TOTAL (EXCLUSIVE GST)", "JUMLAH KECIL", "TOTAL EXCL. GST", "TOTAL AMOUNT",
        "TOTAL BEFORE TAX", "AMOUNT", "S/TOTAL", "TOTAL"),
    "discount": ("DISCOUNT", "DISC", "TOTAL DISCOUNT", "BILL DISCOUNT", "LESS DISCOUNT", "MEMBER DISCOUNT", "DISKAUN",
        "VOUCHER", "PROMO DISC"),
    "service": ("SERVICE CHARGE", "SERV. CHARGE", "SVR CHRG", "SERV.CHG.", "SERVICE CHG", "S/CHARGE", "SVC CHG"),
    "rounding": ("ROUNDING", "ROUNDING ADJ", "ROUNDING ADJUSTMENT", "ROUND ADJ", "ROUNDING ADJUST", "ROUNDING (RM)",
        "BILL ROUNDING", "ADJUSTMENT", "ROUNDING MECHANISM", "PELARASAN", "ROUNDING ADJUSTMENTS", "RND"),
    "unrounded": ("TOTAL SALES (INCLUSIVE OF GST)", "TOTAL (INCLUSIVE OF GST)", "TOTAL", "TOTAL INCL. GST",
        "TOTAL SALES INCL GST", "NET TOTAL", "TOTAL AMT INCL. GST @ 6%", "TOTAL SALES", "TOTAL INC GST",
        "TOTAL INCL. OF GST", "TOTAL WITH GST @ 6%", "TOTAL INCL. GST", "TOTAL SALES (INCL GST 6%)",
        "EAT-IN TOTAL (INCL GST)", "TAKEOUT TOTAL (INCL GST)"),
    "total": ("TOTAL", "TOTAL", "TOTAL", "GRAND TOTAL", "NETT TOTAL", "NET TOTAL", "TOTAL PAYABLE", "TOTAL RM",
        "AMT DUE", "TOTAL SALES (INCLUSIVE OF GST)", "TOTAL (INCLUSIVE OF GST)", "TOTAL INCL. GST@6%", "TOTAL AMOUNT",
        "JUMLAH", "TOTAL SALES INCLUSIVE GST @6%", "TOTAL INCLUSIVE GST", "TOTAL (RM)", "BALANCE DUE", "AMOUNT DUE",
        "NET AMT", "TOTAL AMT PAYABLE", "TOTAL DUE", "TOTAL INCLUDE GST", "NETT", "JUMLAH BESAR",
        "TOTAL AMOUNT PAYABLE", "AMOUNT INCL. GST", "TOTAL (INCL GST)", "TOTAL (EAT IN)", "TOTAL (TAKE AWAY)",
        "NETT AMOUNT"),
    "rounded": ("TOTAL", "TOTAL ROUNDED", "FINAL TOTAL", "ROUNDED TOTAL (RM)", "TOTAL AFTER ROUNDING", "GRAND TOTAL",
        "TOTAL AMT ROUNDED", "AMOUNT TO BE PAID", "TOTAL PAYABLE", "TOTAL AFTER ADJ INCL GST", "NET TOTAL",
        "NET TOTAL ROUNDED", "TOTAL AMT PAYABLE", "TOTAL DUE", "NETT TOTAL"),
    "cash": ("CASH", "CASH", "CASH", "CASH TENDERED", "PAYMENT", "TENDERED", "PAID AMOUNT", "CASH RECEIVED",
        "AMOUNT PAID", "TENDER", "PAID", "TUNAI", "CASH RM", "AMT TENDERED", "TOTAL PAID", "RECEIVED",
        "TENDERED-CASH", "BAYARAN", "ACCEPTED TOTAL", "AMT PAID"),
    "card": ("VISA", "MASTER", "MASTERCARD", "CREDIT CARD", "DEBIT CARD", "VISA CARD", "AMEX", "E-WALLET", "CARD",
        "MYDEBIT", "BANK CARD", "CREDIT", "CARD PAYMENT", "NETS", "TOUCH N GO"),
    "change": ("CHANGE", "CHANGE", "CHANGE", "CHANGE DUE", "CASH CHANGE", "CHANGE AMT", "YOUR CHANGE", "BAKI",
        "BALANCE", "CHANGES", "CHANGE RM"),
    "pieces": ("TOTAL QTY", "QTY(S)", "TOTAL QUANTITY", "NO OF ITEMS", "TOTAL ITEM(S)", "QTY", "ITEM COUNT",
        "TOT QTY", "TOTAL QTY TENDER", "QUANTITY OUT"),
    "kinds": ("ITEM(S)", "ITEM", "ITEM COUNT", "TOTAL ITEMS", "ITEMS"),
    "net": ("TOTAL (EXCLUDING GST)", "TOTAL SALES (EXCLUDING GST)", "SUB TOTAL (EXCLUSIVE GST)", "SUB-TOTAL",
        "TOTAL EXCL.GST"),
    "payment": ("PAYMENT MODE", "PAYMENT", "PAYMENT DETAILS"),
    "qty": ("QTY", "QTY", "QUANTITY", "Q'TY", "KUANTITI"),
    "name": ("ITEM", "DESCRIPTION", "DESCRIPTIONS", "ITEM/DESC.", "PRODUCT NAME", "DESC", "PRODUCT", "PARTICULARS"),
    "unit": ("PRICE", "U.PRICE", "U/P", "UNIT PRICE", "S/PRICE", "RSP", "UNIT", "PRICE(RM)", "HARGA"),
    "disc": ("DISC", "DISC.", "DISCOUNT", "D", "DISC%"),
    "amount": ("AMOUNT", "TOTAL", "AMT", "AMT(RM)", "TOTAL(RM)", "RM", "PRICE", "AMOUNT(RM)", "JUMLAH"),
})  # fmt: skip
WESTERN = MappingProxyType({
    "date": ("DATE", "DATE", "DATED", "SALE DATE", "ORDER DATE"),
    "time": ("TIME",),
    "qty": ("QTY", "QTY", "QUANTITY"),
    "name": ("ITEM", "DESCRIPTION", "PRODUCT", "DESC"),
    "unit": ("PRICE", "UNIT PRICE", "EACH", "RATE"),
    "amount": ("AMOUNT", "TOTAL", "PRICE", "AMT", "EXT"),
    "pieces": ("ITEMS", "ITEM COUNT", "# ITEMS SOLD", "NO. OF ITEMS"),
    "rounding": ("ROUNDING", "ROUND"),
    "net": ("NET", "TOTAL EXCL. TAX", "NET AMOUNT", "TAXABLE"),
    "number": ("RECEIPT #", "CHECK #", "ORDER #", "TICKET #", "INVOICE", "TRANS #", "TRANSACTION", "RECEIPT NO",
        "CHK", "SALE", "RECEIPT"),
    "subtotal": ("SUBTOTAL", "SUB TOTAL", "SUB-TOTAL", "NET SALES", "FOOD & BEV", "SUBTTL"),
    "discount": ("DISCOUNT", "COUPON", "SAVINGS", "PROMO", "LOYALTY DISCOUNT", "LESS DISCOUNT"),
    "service": ("SERVICE CHARGE", "SERVICE", "GRATUITY", "OPTIONAL SERVICE", "SVC CHARGE"),
    "unrounded": ("TOTAL", "TOTAL INC TAX", "TOTAL SALES"),
    "total": ("TOTAL", "TOTAL", "TOTAL DUE", "BALANCE DUE", "AMOUNT DUE", "GRAND TOTAL", "TOTAL TO PAY", "TO PAY",
        "BALANCE"),
    "rounded": ("TOTAL", "TOTAL DUE", "ROUNDED TOTAL", "GRAND TOTAL"),
    "cash": ("CASH", "CASH", "CASH TENDERED", "CASH TEND", "TENDERED", "PAID", "AMOUNT TENDERED", "PAYMENT"),
    "card": ("VISA", "MASTERCARD", "CREDIT CARD", "DEBIT", "AMEX", "CARD", "VISA TEND", "CONTACTLESS", "CREDIT",
        "CARD SALE"),
    "change": ("CHANGE", "CHANGE DUE", "CHANGE", "CASH CHANGE"),
})  # fmt: skip
GERMAN = MappingProxyType({
    "date": ("DATUM", "BELEGDATUM", "DATUM"),
    "time": ("UHRZEIT", "ZEIT"),
    "number": ("BELEG-NR", "BON-NR", "RECHNUNG NR", "RECHNUNGSNR", "BELEG"),
    "subtotal": ("ZWISCHENSUMME", "NETTO", "SUBTOTAL"),
    "discount": ("RABATT", "NACHLASS"),
    "service": ("BEDIENUNG",),
    "net": ("NETTO", "NETTOBETRAG"),
    "pieces": ("ANZAHL", "POSTEN", "STUECK"),
    "rounding": ("RUNDUNG",),
    "unrounded": ("SUMME",),
    "rounded": ("ZU ZAHLEN", "GESAMT"),
    "total": ("SUMME", "GESAMT", "ZU ZAHLEN", "GESAMTBETRAG", "TOTAL", "BETRAG", "SUMME EUR"),
    "cash": ("BAR", "GEGEBEN", "BAR EUR", "GEG. BAR"),
    "card": ("GIROCARD", "EC-KARTE", "KARTE", "VISA", "KREDITKARTE"),
    "change": ("RUECKGELD", "ZURUECK", "WECHSELGELD"),
    "qty": ("MENGE", "ANZ"),
    "name": ("ARTIKEL", "BEZEICHNUNG"),
    "unit": ("PREIS", "E-PREIS", "EINZELPREIS"),
    "disc": ("RABATT",),
    "amount": ("BETRAG", "EUR", "GESAMT"),
})  # fmt: skip
FRENCH = MappingProxyType({
    "date": ("DATE", "LE", "DATE"),
    "time": ("HEURE",),
    "number": ("TICKET NO", "FACTURE NO", "TICKET", "NO FACTURE"),
    "subtotal": ("SOUS-TOTAL", "TOTAL HT", "SOUS TOTAL"),
    "discount": ("REMISE", "REDUCTION"),
    "net": ("TOTAL HT", "NET HT"),
    "pieces": ("NB ARTICLES", "ARTICLES"),
    "service": ("SERVICE",),
    "rounding": ("ARRONDI",),
    "unrounded": ("TOTAL TTC",),
    "rounded": ("A PAYER",),
    "total": ("TOTAL", "TOTAL TTC", "A PAYER", "NET A PAYER", "MONTANT DU", "TOTAL A PAYER"),
    "cash": ("ESPECES", "RECU", "ESPECES EUR"),
    "card": ("CARTE BANCAIRE", "CB", "CARTE BLEUE", "CB VISA"),
    "change": ("RENDU", "MONNAIE", "A RENDRE"),
    "qty": ("QTE",),
    "name": ("ARTICLE", "DESIGNATION", "LIBELLE"),
    "unit": ("P.U.", "PRIX", "PU"),
    "disc": ("REMISE",),
    "amount": ("MONTANT", "TOTAL", "EUR"),
})  # fmt: skip
KOREAN = MappingProxyType({
    "date": ("거래일시", "판매일시", "일시", "판매일", "거래일자", "결제일시", "[판매]", "주문일시", "발행일",
        "매출일", "DATE"),
    "time": ("시간", "판매시간", "거래시간"),
    "number": ("영수증번호", "전표번호", "영수증", "NO", "BILL", "거래번호", "전표No", "영수번호", "BILL NO",
        "주문번호"),
    "subtotal": ("소계", "합계금액", "주문금액", "판매금액", "상품합계", "총구매액", "소 계", "총금액", "매출금액"),
    "net": ("과세물품가액", "과세금액", "공급가액", "과세 매출", "과세물품", "공급가", "물품가액",
        "부가세 과세물품가액"),
    "discount": ("할인", "할인금액", "쿠폰할인", "총할인", "행사할인", "멤버십할인", "에누리", "할인액"),
    "service": ("봉사료", "서비스료"),
    "rounding": ("단수할인", "끝전", "절사"),
    "unrounded": ("합계", "총액"),
    "total": ("합계", "합 계", "총합계", "받을금액", "결제금액", "합계금액", "총 합계", "청구금액", "총 결제금액",
        "결제대상금액", "총액", "계", "판매합계", "TOTAL", "내실금액", "합    계", "결제 금액"),
    "rounded": ("받을금액", "결제금액", "청구금액"),
    "cash": ("받은금액", "현금", "내신금액", "받은돈", "현 금", "현금결제", "현금지불", "받으신금액"),
    "card": ("신용카드", "카드", "카드결제", "체크카드", "신용카드지불", "IC카드", "카드금액", "카 드", "간편결제"),
    "change": ("거스름돈", "거스름", "잔돈", "거스름금액", "거 스 름", "거스름 돈"),
    "pieces": ("총수량", "합계수량", "총 품목수량", "구매수량"),
    "kinds": ("품목수", "품목"),
    "payment": ("결제수단", "결제내역"),
    "qty": ("수량", "수 량", "수"),
    "name": ("상품명", "품명", "메뉴", "메뉴명", "상 품 명", "품 명", "품목", "상품코드"),
    "unit": ("단가", "단 가", "가격"),
    "disc": ("할인", "D/C"),
    "amount": ("금액", "금 액", "합계", "가격"),
})  # fmt: skip

COUNTRIES: MappingProxyType[str, Country] = MappingProxyType({
    "my": Country(
        forms=("SDN BHD", "SDN BHD", "SDN. BHD.", "(M) SDN BHD", "S/B", "SDN.BHD.", "BHD", "PLT", "SDN BHD.", "BERHAD"),
        money=("RM", "RM", "RM", "MYR", "$", ""),
        phone=("TEL", "TEL", "TEL NO", "H/P", "TELEPHONE", "PHONE", "TEL/FAX", "HP", "CONTACT", "MOBILE /WHATSAPPS",
               "WHATSAPP", "NO. TEL", "T", ""),
        taxes=("GST", "GST", "GST", "SST", "TAX"), rates=(60, 60, 60, 0, 100),
    ),
    "sg": Country(
        forms=("PTE LTD", "PTE. LTD.", "(S) PTE LTD", "LLP", "PTE LTD"), money=("$", "S$", "SGD", "$", ""),
        phone=("TEL", "TEL", "PHONE", "T", "HOTLINE", ""), taxes=("GST",), rates=(70, 80, 90),
    ),
    "us": Country(
        forms=("INC.", "LLC", "CO.", "CORP", "INC", "LTD."), money=("$", "$", "USD", ""),
        phone=("TEL", "PHONE", "PH", "", "", "T"), taxes=("TAX", "SALES TAX", "TAX 1", "STATE TAX"),
        rates=(50, 60, 65, 72, 82, 88, 95), words=WESTERN,
    ),
    "uk": Country(
        forms=("LTD", "LTD.", "PLC", "LIMITED", "PTY LTD", "& CO"), money=("£", "GBP", "$", "", "£"),
        phone=("TEL", "TELEPHONE", "T", "PH", "PHONE", ""), taxes=("VAT", "VAT", "GST"), rates=(200, 100, 50),
        words=WESTERN,
    ),
    "de": Country(
        forms=("GMBH", "GMBH & CO. KG", "E.K.", "OHG", "KG", "AG"), money=("EUR", "€", "EUR", ""),
        phone=("TEL", "TELEFON", "TEL.", "FON"), taxes=("MWST", "UST", "MWST."), rates=(190, 70),
        comma=True, words=GERMAN,
    ),
    "fr": Country(
        forms=("SARL", "SAS", "EURL", "S.A.", "SA"), money=("EUR", "€", "€", ""), phone=("TEL", "TEL.", "TELEPHONE"),
        taxes=("TVA",), rates=(200, 100, 55), comma=True, words=FRENCH,
    ),
    "kr": Country(
        forms=("(주)", "㈜", "주식회사"), money=("원", "", "", "₩", ""),
        phone=("TEL", "전화", "전화번호", "TEL.", "T", "대표전화", "매장전화"),
        taxes=("부가세", "부 가 세", "VAT", "세금", "부가가치세", "부가세액"), rates=(100,), words=KOREAN,
    ),
})  # fmt: skip
