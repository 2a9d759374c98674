"""Ready segments by shares and scores, which the daily job `dangol-insight` finds out.

One customer's events alone cannot tell that she is among the best fifth; the fields that the job
writes can. Where the job does not run these segments are empty.
"""

from __future__ import annotations

from segmentation_service.starter_kind import Starter

RANKED = (
    Starter(
        starter_id="top-fifth-of-revenue",
        names={"ko": "매출 상위 20% 고객", "en": "Top fifth by revenue"},
        why={
            "ko": "지금까지 산 금액이 많은 순서로 상위 20%에 드는 고객입니다. 대개 매출의 절반 "
            "이상이 이들에게서 나오니, 혜택과 새 소식을 가장 먼저 전하세요. 순위는 "
            "dangol-insight가 매일 다시 계산합니다.",
            "en": "By what they spent so far they are among the best fifth of all buyers, who "
            "often bring more than half of the revenue: let them have rewards and news first. "
            "The job dangol-insight ranks everybody anew each day.",
        },
        template='field("revenue_rank") < 0.2',
        at_risk=False,
        covers=("B3",),
    ),
    Starter(
        starter_id="best-by-rfm",
        names={"ko": "RFM 최고 등급 고객", "en": "Best by recency, frequency, money"},
        why={
            "ko": "최근성, 빈도, 금액 점수가 모두 4점 이상인 고객입니다. 최근에 왔고, 자주 오고, "
            "많이 삽니다. 팬이 될 사람들이니 추천과 후기를 부탁해 보세요.",
            "en": "Four or five of five points each for how lately, how often and for how much "
            "they bought. These are fans in the making: ask them to recommend you.",
        },
        template='field("rfm_recency") >= 4 and field("rfm_frequency") >= 4 and '
        'field("rfm_money") >= 4',
        at_risk=False,
        covers=("B3",),
    ),
)
