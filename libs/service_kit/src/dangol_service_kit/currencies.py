"""How many decimals a currency's minor unit is away from its major one (ISO 4217)."""

from __future__ import annotations

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = {**dict.fromkeys(_WHOLE.split(), 0), **dict.fromkeys(_THOUSANDTHS.split(), 3)}
_USUAL = 2


def exponent_of(currency_code: str) -> int:
    """0 for KRW, 2 for USD, 3 for KWD; 2 for a code that is not known."""
    return _EXPONENTS.get(currency_code, _USUAL)
