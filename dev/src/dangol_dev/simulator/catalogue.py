"""What 단골샵 sells. Prices in won."""

import random
from dataclasses import dataclass

CURRENCY = "KRW"
_KINDS = (
    ("outer", ("트렌치코트", "패딩", "가디건", "재킷"), 59_000, 189_000),
    ("knit", ("니트", "스웨터", "터틀넥"), 32_000, 79_000),
    ("pants", ("슬랙스", "청바지", "와이드팬츠"), 35_000, 69_000),
    ("shoes", ("운동화", "로퍼", "부츠", "샌들"), 45_000, 139_000),
    ("bags", ("토트백", "크로스백", "백팩"), 39_000, 129_000),
    ("accessories", ("모자", "양말", "스카프", "벨트"), 9_000, 35_000),
)
_COLOURS = ("블랙", "아이보리", "네이비", "카키")


@dataclass(frozen=True)
class Product:
    """price is in won."""

    product_id: str
    name: str
    category: str
    price: int


def make_products(seed: int) -> tuple[Product, ...]:
    """The shop's products: each kind in each colour, with a seeded price."""
    rng = random.Random(f"{seed}/products")
    products: list[Product] = []
    for category, names, low, high in _KINDS:
        for name in names:
            for colour in _COLOURS:
                price = rng.randrange(low, high, 1_000)
                number = len(products) + 1
                products.append(Product(f"p{number:04d}", f"{colour} {name}", category, price))
    return tuple(products)
