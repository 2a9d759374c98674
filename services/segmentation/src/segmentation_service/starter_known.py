"""Ready segments of customers whom a shop should know: the best, birthdays, stores, regions.

Thresholds of spending are amounts, not shares: which tenth of the customers brings most of the
revenue cannot be said about one customer alone.
"""

from __future__ import annotations

from segmentation_service.starter_kind import Starter

BEST = (
    Starter(
        starter_id="big-spenders",
        names={"ko": "많이 산 고객", "en": "Big spenders"},
        why={
            "ko": "지난 1년 동안 산 금액이 규칙에 적힌 기준을 넘은 고객입니다. 매출에서 몫이 큰 "
            "고객이니 새 상품과 행사를 먼저 알리고, 기준 금액은 가게에 맞게 바꾸세요.",
            "en": "What they spent in the last year passes the amount in the rule. Much of the "
            "revenue is theirs: let them hear of new things first, and set the amount to suit "
            "your shop.",
        },
        template="sum(purchase.amount, 365d) >= $1000",
        at_risk=False,
        covers=("B3",),
    ),
    Starter(
        starter_id="frequent-buyers",
        names={"ko": "자주 사는 고객", "en": "Frequent buyers"},
        why={
            "ko": "석 달 동안 여섯 번 이상, 한 달에 두 번꼴로 구매한 단골입니다. 할인보다는 이름을 "
            "불러 주는 인사와 적립, 빠른 배송 같은 대접이 오래 남습니다.",
            "en": "Six orders or more in three months, about two a month. Regulars remember how "
            "they are treated longer than a discount: greet them, reward them, deliver fast.",
        },
        template="count(purchase, 90d) >= 6",
        at_risk=False,
        covers=("B3",),
    ),
    Starter(
        starter_id="champions",
        names={
            "ko": "최근에도 자주, 많이 사는 고객",
            "en": "Champions: lately, often, much",
        },
        why={
            "ko": "최근 한 달 안에 샀고, 1년 동안 여덟 번 이상 구매했으며, 금액도 큰 고객입니다. "
            "최근성, 빈도, 금액이 모두 높으니 VIP로 대접하고 소개를 부탁해 보세요.",
            "en": "They bought within the month, eight times or more in the year, and for a large "
            "amount: recency, frequency and money are all high. Treat them as VIPs, and ask them "
            "to bring a friend.",
        },
        template="since(purchase) < 30d and count(purchase, 365d) >= 8 and "
        "sum(purchase.amount, 365d) >= $800",
        at_risk=False,
        covers=("B3",),
    ),
    Starter(
        starter_id="vip-just-reached",
        names={"ko": "이번 주에 VIP가 된 고객", "en": "Became a VIP this week"},
        why={
            "ko": "1년 구매 금액이 최근 7일 사이에 VIP 기준을 넘은 고객입니다. 등급이 오른 그 "
            "순간에 축하하고 새 혜택을 알려 주세요.",
            "en": "In the last seven days what they spent in a year passed the VIP amount. "
            "Congratulate at that very moment, and tell them what they now get.",
        },
        template="sum(purchase.amount, 365d) >= $1000 and "
        "sum(purchase.amount, from 372d to 7d) < $1000",
        at_risk=False,
        covers=("B3",),
    ),
    Starter(
        starter_id="vip-slipping-away",
        names={"ko": "멀어지는 VIP 고객", "en": "VIPs slipping away"},
        why={
            "ko": "1년 동안 VIP 기준만큼 샀지만 최근 두 달은 구매가 없는 고객입니다. 잃으면 가장 "
            "아픈 고객이니, 자동 메시지보다 담당 직원이 직접 연락하는 편이 낫습니다.",
            "en": "They spent a VIP's amount in a year, and for two months nothing. No loss hurts "
            "more: better that a member of staff calls than that a message is sent.",
        },
        template="sum(purchase.amount, from 425d to 60d) >= $1000 and count(purchase, 60d) = 0",
        at_risk=True,
        covers=("B3",),
    ),
    Starter(
        starter_id="fans",
        names={"ko": "우리 가게의 팬", "en": "Fans"},
        why={
            "ko": "반년 동안 두 번 이상 사고, 별 네 개 이상의 리뷰를 두 번 이상 남겼으며, 낮은 "
            "별점은 없는 고객입니다. 새 상품을 먼저 써 보고 이야기해 줄 사람들입니다.",
            "en": "In half a year they bought twice or more, left two reviews or more of four "
            "stars and above, and none of two or below. Let them try new things first, and talk.",
        },
        template="count(purchase, 180d) >= 2 and count(review where rating >= 4, 180d) >= 2 "
        "and count(review where rating <= 2, 180d) = 0",
        at_risk=False,
        covers=("B3",),
    ),
)
BIRTHDAYS = (
    Starter(
        starter_id="birthday-soon",
        names={"ko": "생일이 다가오는 고객", "en": "Birthday soon"},
        why={
            "ko": "생일이 7일 안으로 다가온 고객입니다. 생일 쿠폰은 미리 받아야 생일에 쓸 수 "
            "있으니, 지금 축하와 함께 보내세요.",
            "en": "Their birthday is at most seven days ahead. A birthday coupon is of use on the "
            "day only if it comes before: send it now, with good wishes.",
        },
        template="birthday within 7d",
        at_risk=False,
        covers=("B4",),
    ),
    Starter(
        starter_id="birthday-coupon-ending",
        names={
            "ko": "생일 쿠폰이 곧 끝나는 고객",
            "en": "Birthday coupon about to end",
        },
        why={
            "ko": "30일짜리 생일 쿠폰(혜택 이름 birthday-coupon)을 쓰지도 선물하지도 않은 채 7일 "
            "이하로 남긴 고객입니다. 쓰도록 알리거나, 친구에게 선물하도록 권해 보세요.",
            "en": "The coupon of the offer birthday-coupon, good for 30 days, has seven days or "
            "less to go and was neither used nor given away. Remind them, or suggest it as a "
            "gift to a friend.",
        },
        template='unanswered(coupon_issued where properties.offer_id = "birthday-coupon", '
        "coupon_redeemed by properties.coupon_id, 23d, 30d) and "
        'count(gift_sent where properties.offer_id = "birthday-coupon", 30d) = '
        'count(gift_returned where properties.offer_id = "birthday-coupon", 30d)',
        at_risk=False,
        covers=("B4",),
    ),
)
PLACES = (
    Starter(
        starter_id="one-branch-regulars",
        names={"ko": "한 매장의 단골", "en": "Regulars of one branch"},
        why={
            "ko": "석 달 동안 매장에서 세 번 이상, 늘 같은 매장에서 산 고객입니다. 본사보다 그 "
            "매장의 소식과 직원의 인사가 가깝게 느껴집니다. 매장 하나만 보려면 복사해서 "
            "store_id 조건을 더하세요.",
            "en": "Three purchases or more in three months, all in the same branch. News and a "
            "greeting from that branch are closer to them than the head office's. For one "
            "branch alone, copy this and add a condition on store_id.",
        },
        template='count(purchase where channel = "store", 90d) >= 3 and '
        'distinct(purchase.store_id where channel = "store", 90d) = 1',
        at_risk=False,
        covers=("B5",),
    ),
    Starter(
        starter_id="capital-region",
        names={"ko": "수도권에 사는 고객", "en": "Lives in the capital region"},
        why={
            "ko": "서울, 경기, 인천에 사는 고객입니다. 지역 행사와 당일 배송, 가까운 매장 안내는 "
            "닿을 수 있는 고객에게만 보내세요. 다른 지역은 복사해서 이름만 바꾸면 됩니다.",
            "en": "They live in Seoul, Gyeonggi or Incheon. Send word of local events, same-day "
            "delivery and nearby branches to those whom it can serve. For another region, copy "
            "this and change the names.",
        },
        template='profile.region in ("seoul", "gyeonggi", "incheon")',
        at_risk=False,
        covers=("B5",),
    ),
    Starter(
        starter_id="in-store-no-account",
        names={
            "ko": "온라인 계정이 없는 매장 고객",
            "en": "In store, no online account",
        },
        why={
            "ko": "석 달 안에 매장에 왔지만 회원도 아니고 로그인한 적도 없는 고객입니다. "
            "계산대에서 쓸 수 있는 가입 혜택을 권하면 온라인과 매장의 기록이 하나로 이어집니다.",
            "en": "They came to a store in the last three months, are no members and never logged "
            "in. A benefit for signing up, good at the till, joins what the store and the web "
            "know of them.",
        },
        template='(count(purchase where channel = "store", 90d) >= 1 or '
        "count(store_visit, 90d) >= 1) and not profile.member and count(login) = 0",
        at_risk=False,
        covers=("B5",),
    ),
)
