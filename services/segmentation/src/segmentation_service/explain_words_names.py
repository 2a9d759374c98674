"""What events, properties, attributes and consents are called in English and Korean."""

from __future__ import annotations

# Event type -> (one, several) in English, and in Korean.
EVENTS: dict[str, tuple[str, str, str]] = {
    "visit": ("visit", "visits", "방문"),
    "product_view": ("product view", "product views", "상품 조회"),
    "search": ("search", "searches", "검색"),
    "wishlist": ("wish list addition", "wish list additions", "찜하기"),
    "cart_add": ("addition to the cart", "additions to the cart", "장바구니 담기"),
    "cart_remove": ("removal from the cart", "removals from the cart", "장바구니에서 빼기"),
    "checkout": ("checkout", "checkouts", "결제 시작"),
    "purchase": ("purchase", "purchases", "구매"),
    "delivered": ("delivery", "deliveries", "배송 완료"),
    "cancel": ("cancellation", "cancellations", "주문 취소"),
    "return": ("return", "returns", "반품"),
    "out_of_stock": (
        "meeting with a sold-out product",
        "meetings with sold-out products",
        "품절 경험",
    ),
    "review": ("review", "reviews", "리뷰"),
    "login": ("login", "logins", "로그인"),
    "signup": ("sign-up", "sign-ups", "회원 가입"),
    "store_visit": ("store visit", "store visits", "매장 방문"),
    "ticket": ("support ticket", "support tickets", "문의"),
    "survey": ("survey answer", "survey answers", "설문 응답"),
    "message_sent": ("message sent", "messages sent", "메시지 발송"),
    "message_opened": ("message opened", "messages opened", "메시지 열람"),
    "message_clicked": ("message clicked", "messages clicked", "메시지 클릭"),
    "price_dropped": ("price drop", "price drops", "가격 인하"),
    "restocked": ("restock", "restocks", "재입고"),
    "launched": ("launch", "launches", "신상품 출시"),
    "coupon_issued": ("coupon issued", "coupons issued", "쿠폰 발급"),
    "coupon_held": ("coupon put on hold", "coupons put on hold", "쿠폰 사용 예약"),
    "coupon_released": ("coupon released", "coupons released", "쿠폰 사용 예약 해제"),
    "coupon_redeemed": ("coupon redeemed", "coupons redeemed", "쿠폰 사용"),
    "coupon_reversed": ("coupon given back", "coupons given back", "쿠폰 사용 취소"),
    "gift_sent": ("gift sent", "gifts sent", "선물 보내기"),
    "gift_claimed": ("gift accepted", "gifts accepted", "선물 받기"),
    "gift_returned": ("gift returned", "gifts returned", "선물 반환"),
}

# Property -> English, Korean. Those of a tenant's own keep their name.
PROPERTIES: dict[str, tuple[str, str]] = {
    "amount": ("amount", "금액"),
    "rating": ("rating", "평점"),
    "session_id": ("session", "세션"),
    "cart_id": ("cart", "장바구니"),
    "order_id": ("order", "주문"),
    "store_id": ("store", "매장"),
    "channel": ("channel", "채널"),
    "item.product_id": ("product", "상품"),
    "item.category": ("category", "상품 분류"),
    "item.quantity": ("quantity", "수량"),
    "item.unit_price": ("unit price", "단가"),
    "item.amount": ("line amount", "상품별 금액"),
}

ATTRIBUTES: dict[str, tuple[str, str]] = {
    "tier": ("tier", "등급"),
    "region": ("region", "지역"),
    "gender": ("gender", "성별"),
    "age_band": ("age band", "연령대"),
    "language": ("language", "언어"),
}

PURPOSES: dict[str, tuple[str, str]] = {
    "marketing": ("marketing", "마케팅 수신"),
    "marketing_night": ("marketing at night", "야간 마케팅 수신"),
    "profiling": ("profiling", "맞춤 분석"),
}

CHANNELS: dict[str, tuple[str, str]] = {
    "email": ("email", "이메일"),
    "sms": ("text message", "문자"),
    "push": ("push message", "앱 푸시"),
    "kakao": ("KakaoTalk", "카카오톡"),
    "phone": ("phone", "전화"),
    "mail": ("post", "우편"),
}

# Currency -> before the digits in English, after them in Korean.
CURRENCIES: dict[str, tuple[str, str]] = {
    "KRW": ("₩", "원"),
    "USD": ("$", "달러"),
    "EUR": ("€", "유로"),
    "JPY": ("¥", "엔"),
    "GBP": ("£", "파운드"),
    "CNY": ("CN¥", "위안"),
}


def own_name(name: str) -> str:
    """A name of the tenant's own, as it is quoted."""
    return f'"{name.removeprefix("properties.")}"'
