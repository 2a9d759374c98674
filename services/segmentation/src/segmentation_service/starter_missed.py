"""Ready segments of customers whom a shop misses: they were about to buy, or used to."""

from __future__ import annotations

from segmentation_service.starter_kind import Starter

DISAPPOINTED = (
    Starter(
        starter_id="cancelled-at-once",
        names={"ko": "결제하자마자 취소한 고객", "en": "Paid and cancelled at once"},
        why={
            "ko": "결제까지 했다가 하루 안에 마음을 돌린 고객입니다. 살 마음은 아직 남아 있으니, "
            "배송비나 옵션처럼 걸렸던 점을 바로 물어보고 풀어 주세요.",
            "en": "They paid and thought better of it within a day. The wish to buy is still "
            "there: ask at once what got in the way, be it delivery or the wrong option, and "
            "remove it.",
        },
        template="last(cancel) >= last(purchase) and since(purchase) < 1d",
        at_risk=True,
        covers=("B1",),
    ),
    Starter(
        starter_id="returned-after-delivery",
        names={"ko": "받아 보고 반품한 고객", "en": "Sent it back after delivery"},
        why={
            "ko": "상품을 받아 본 뒤 한 달 안에 반품했고, 그 뒤로 새로 받은 상품이 없는 "
            "고객입니다. 반품 사유에 맞는 상품이나 교환을 먼저 제안하면 실망이 "
            "이탈로 이어지지 않습니다.",
            "en": "They sent something back in the last month and have received nothing since. "
            "Offer what answers the reason of the return, or an exchange, before disappointment "
            "turns into goodbye.",
        },
        template="since(return) < 30d and last(return) >= last(delivered)",
        at_risk=True,
        covers=("B1",),
    ),
    Starter(
        starter_id="paid-but-out-of-stock",
        names={"ko": "결제했는데 품절이었던 고객", "en": "Paid for what was out of stock"},
        why={
            "ko": "결제한 주문의 상품이 품절되어 받지 못한 고객입니다. 잘못은 가게에 있으니 먼저 "
            "사과하고, 재입고 소식이나 비슷한 상품을 가장 먼저 알려 주세요.",
            "en": "They paid, and the order could not be filled. The fault is the shop's: "
            "apologise first, and let them be the first to hear of the restock or of something "
            "alike.",
        },
        template='since(out_of_stock where order_id != "") < 30d and '
        'last(out_of_stock where order_id != "") >= last(purchase)',
        at_risk=True,
        covers=("B1",),
    ),
    Starter(
        starter_id="left-in-the-cart",
        names={"ko": "장바구니에 담아 두고 간 고객", "en": "Left it in the cart"},
        why={
            "ko": "장바구니를 채운 지 30분이 지났는데 그 장바구니를 결제하지 않은 고객입니다. "
            "일주일 안에, 담아 둔 상품을 그대로 보여 주며 한 번만 알려 주는 것으로 충분합니다.",
            "en": "Half an hour ago or more they filled a cart and did not pay for it. One "
            "reminder within the week that shows what lies in it is usually enough.",
        },
        template="unanswered(cart_add, purchase by cart_id, 30m, 7d)",
        at_risk=True,
        covers=("B1",),
    ),
    Starter(
        starter_id="two-stars-or-less",
        names={"ko": "별점 두 개 이하를 남긴 고객", "en": "Gave two stars or fewer"},
        why={
            "ko": "최근 석 달 안에 별점 두 개 이하의 리뷰를 남긴 고객입니다. 불만을 말해 준 고객은 "
            "아직 떠나지 않은 고객이니, 쿠폰보다 먼저 사람이 답해 주세요.",
            "en": "They left a review of two stars or fewer in the last three months. Whoever "
            "complains has not left yet: let a person answer before a coupon does.",
        },
        template="count(review where rating <= 2, 90d) >= 1",
        at_risk=True,
        covers=("B1",),
    ),
    Starter(
        starter_id="five-visits-no-order",
        names={
            "ko": "매달 다섯 번 오고 사지 않는 고객",
            "en": "Five visits a month, no order",
        },
        why={
            "ko": "석 달 동안 열다섯 번 이상, 한 달 평균 다섯 번꼴로 찾아왔지만 주문은 한 번도 "
            "없는 고객입니다. 관심은 충분하니 무엇이 망설이게 하는지 묻고 첫 구매를 도와주세요.",
            "en": "Fifteen visits or more in three months, five a month on average, and not one "
            "order. Interest is there: find out what makes them hesitate, and help with the "
            "first order.",
        },
        template="distinct(visit.session_id, 90d) >= 15 and count(purchase, 90d) = 0",
        at_risk=True,
        covers=("B1",),
    ),
)
SILENT = (
    Starter(
        starter_id="dormant-for-a-year",
        names={"ko": "1년 동안 발길이 끊긴 고객", "en": "Dormant for a year"},
        why={
            "ko": "구매한 적이 있지만 1년 동안 방문도 로그인도 구매도 없는 고객입니다. 받아들일 "
            "만한 소식 하나로 다시 인사하고, 답이 없으면 연락을 줄이는 편이 낫습니다.",
            "en": "They bought once, and for a year there was no visit, no login and no order. "
            "Greet them again with one piece of news worth having; if no answer comes, write "
            "less.",
        },
        template="since(purchase) >= 365d and count(visit, 365d) = 0 and "
        "count(login, 365d) = 0 and count(store_visit, 365d) = 0",
        at_risk=True,
        covers=("B1",),
    ),
    Starter(
        starter_id="about-to-be-dormant",
        names={"ko": "곧 휴면이 될 고객", "en": "About to be dormant"},
        why={
            "ko": "열 달째 아무 소식이 없어 두 달쯤 뒤면 휴면 고객이 될 고객입니다. 떠난 뒤에 "
            "되찾기보다 지금 붙잡는 편이 훨씬 쉬우니, 마지막으로 산 상품에서 이야기를 "
            "시작하세요.",
            "en": "Ten months of silence: in about two more they count as dormant. Holding on to "
            "them now is far easier than winning them back, so begin with what they bought last.",
        },
        template="since(purchase) >= 300d and count(visit, 300d) = 0 and "
        "count(login, 300d) = 0 and count(store_visit, 300d) = 0 and "
        "(since(purchase) < 365d or count(visit, 365d) >= 1 or "
        "count(login, 365d) >= 1 or count(store_visit, 365d) >= 1)",
        at_risk=True,
        covers=("B1",),
    ),
    Starter(
        starter_id="monthly-a-year-ago",
        names={"ko": "1년 전에는 매달 사던 고객", "en": "Monthly a year ago, no more"},
        why={
            "ko": "1년 전에는 석 달 내리 다달이 샀지만 최근 석 달은 구매가 없는 고객입니다. 그때 "
            "사던 상품과 그 사이 새로 나온 것을 함께 보여 주며 다시 초대하세요.",
            "en": "A year ago they bought in three months running; in the last three they bought "
            "nothing. Invite them back with what they used to buy, and what is new since.",
        },
        template="count(purchase, from 450d to 420d) >= 1 and "
        "count(purchase, from 420d to 390d) >= 1 and "
        "count(purchase, from 390d to 360d) >= 1 and count(purchase, 90d) = 0",
        at_risk=True,
        covers=("B2",),
    ),
)
UNDECIDED = (
    Starter(
        starter_id="looked-at-everything",
        names={"ko": "다 둘러보고 사지 않은 고객", "en": "Looked at all, bought nothing"},
        why={
            "ko": "한 달 동안 서로 다른 상품을 스무 개 이상 살펴보고 아무것도 사지 않은 "
            "고객입니다. 선택지가 많아 고르지 못하는 경우가 많으니, 본 것 가운데 "
            "두세 개만 골라 추천하세요.",
            "en": "In a month they looked at twenty different products or more and bought none. "
            "Often the choice is too wide: recommend two or three of those they saw.",
        },
        template="distinct(product_view.item.product_id, 30d) >= 20 and count(purchase, 30d) = 0",
        at_risk=False,
        covers=("B2",),
    ),
    Starter(
        starter_id="cart-that-grows",
        names={"ko": "장바구니만 몇 달째 채우는 고객", "en": "A cart that grows for months"},
        why={
            "ko": "석 달 내리 장바구니에 상품을 더하면서 한 번도 사지 않은 고객입니다. 장바구니를 "
            "찜 목록처럼 쓰는 중이니, 담긴 상품의 가격이 내리거나 품절되기 전에 알려 주세요.",
            "en": "Month after month, for three months, they put something into the cart and "
            "never paid. The cart is their wish list: tell them when a price in it falls, or "
            "before something sells out.",
        },
        template="count(cart_add, 30d) >= 1 and count(cart_add, from 60d to 30d) >= 1 and "
        "count(cart_add, from 90d to 60d) >= 1 and count(purchase, 90d) = 0",
        at_risk=True,
        covers=("B2",),
    ),
    Starter(
        starter_id="came-once-and-left",
        names={"ko": "한 번 왔다 간 고객", "en": "Came once and left"},
        why={
            "ko": "한 번 둘러보고 2주가 지나도록 돌아오지 않은 고객입니다. 석 달이 지나기 전에, "
            "처음 온 고객에게만 주는 혜택으로 두 번째 방문을 만들어 보세요.",
            "en": "One visit, and for two weeks nothing more. Before three months are over, give "
            "a newcomer's reason for a second visit.",
        },
        template="count(visit) = 1 and count(purchase) = 0 and since(visit) >= 14d and "
        "since(visit) < 90d",
        at_risk=False,
        covers=("B2",),
    ),
    Starter(
        starter_id="wished-for",
        names={"ko": "찜해 두고 사지 않은 고객", "en": "Wished for, not bought"},
        why={
            "ko": "찜한 상품을 하루가 지나도록 사지 않은 고객입니다. 두 달 동안은 그 상품의 할인과 "
            "재입고가 가장 반가운 소식이 됩니다.",
            "en": "A day or more ago they wished for a product and have not bought it. For two "
            "months its price drop or restock is the news they want most.",
        },
        template="unanswered(wishlist, purchase by item.product_id, 1d, 60d)",
        at_risk=False,
        covers=("B2",),
    ),
)
