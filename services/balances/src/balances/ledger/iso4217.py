"""Active currencies, and how many digits each has after the decimal point.

The source is list one of ISO 4217, which SIX Financial Information, the standard's maintenance agency, published on
2026-01-01 (https://www.six-group.com/en/products-services/financial-information/data-standards.html). Codes without a
minor unit (metals, funds of account, codes for testing) are left out, because they are not currencies.
"""

from collections.abc import Mapping

from balances.errors import UsageError

_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
    LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
    NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
    SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
    XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

MINOR_DIGITS: Mapping[str, int] = {
    code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()
}
"""Digits after the decimal point, by alphabetic code."""


def minor_digits(code: str) -> int:
    """How many digits amounts in this currency have after the decimal point.

    Raises:
        UsageError: the code is not the code of an active currency.
    """
    try:
        return MINOR_DIGITS[code]
    except KeyError:
        raise UsageError(
            f"currency {code!r} is not an active ISO 4217 code; give three capitals such as CAD"
        ) from None
