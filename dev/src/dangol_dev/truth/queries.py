"""The ready segments as DuckDB queries over raw events, one by one and by hand.

They know nothing of the engine nor of its rule language. They read:

    customers(customer, region, birthday, known_ms, member_ms)   birthday as MM-DD
    events(event, customer, type, at_ms, channel, session_id, cart_id, order_id, store_id,
           amount, rating, offer_id, coupon_id)                  one row an event
    items(event, customer, type, at_ms, product_id, category)    one row an item of an event

What is unknown is null. $now_ms is the instant of the question in UTC milliseconds, $today the
calendar's day at that instant in the shop's zone, $vip and $champion are amounts in minor units.
Macros say in which span of time something lies: so_far up to now, within(t, n, now) in the last n
days, between_days(t, a, b, now) from a to b days ago. A day has 24 hours.
"""

MACROS = """
create temp macro days(n) as n::bigint * 86400000;
create temp macro so_far(at_ms, now_ms) as at_ms <= now_ms;
create temp macro within(at_ms, n, now_ms) as at_ms > now_ms - days(n) and at_ms <= now_ms;
create temp macro between_days(at_ms, a, b, now_ms) as
    at_ms > now_ms - days(a) and at_ms <= now_ms - days(b);
"""

QUERIES = {
    "cancelled-at-once": """
        select customer from (
            select customer,
                max(at_ms) filter (type = 'cancel') cancelled,
                max(at_ms) filter (type = 'purchase') bought
            from events where so_far(at_ms, $now_ms) group by customer)
        where cancelled >= bought and bought > $now_ms - days(1)
    """,
    "returned-after-delivery": """
        select customer from (
            select customer,
                max(at_ms) filter (type = 'return') returned,
                max(at_ms) filter (type = 'delivered') arrived
            from events where so_far(at_ms, $now_ms) group by customer)
        where returned > $now_ms - days(30) and returned >= arrived
    """,
    "paid-but-out-of-stock": """
        select customer from (
            select customer,
                max(at_ms) filter (type = 'out_of_stock' and order_id is not null) missed,
                max(at_ms) filter (type = 'purchase') bought
            from events where so_far(at_ms, $now_ms) group by customer)
        where missed > $now_ms - days(30) and missed >= bought
    """,
    "left-in-the-cart": """
        select distinct customer from (
            select customer, cart_id, max(at_ms) filled from events
            where type = 'cart_add' and cart_id is not null and so_far(at_ms, $now_ms)
            group by customer, cart_id) carts
        where $now_ms >= filled + 30 * 60000 and $now_ms < filled + days(7)
            and not exists (select 1 from events paid
                where paid.type = 'purchase' and paid.customer = carts.customer
                and paid.cart_id = carts.cart_id and paid.at_ms >= carts.filled
                and so_far(paid.at_ms, $now_ms))
    """,
    "two-stars-or-less": """
        select distinct customer from events
        where type = 'review' and rating between 1 and 2 and within(at_ms, 90, $now_ms)
    """,
    "five-visits-no-order": """
        select customer from events where within(at_ms, 90, $now_ms) group by customer
        having count(distinct session_id) filter (type = 'visit') >= 15
            and count(*) filter (type = 'purchase') = 0
    """,
    "dormant-for-a-year": """
        select customer from events where so_far(at_ms, $now_ms) group by customer
        having max(at_ms) filter (type = 'purchase') <= $now_ms - days(365)
            and coalesce(max(at_ms) filter (type in ('visit', 'login', 'store_visit')), 0)
                <= $now_ms - days(365)
    """,
    # The year of silence is not over yet, counted from the last purchase or sign of life.
    "about-to-be-dormant": """
        select customer from (
            select customer,
                max(at_ms) filter (type = 'purchase') bought,
                coalesce(max(at_ms) filter (type in ('visit', 'login', 'store_visit')), 0) seen
            from events where so_far(at_ms, $now_ms) group by customer)
        where bought is not null
            and greatest(bought, seen) <= $now_ms - days(300)
            and greatest(bought, seen) > $now_ms - days(365)
    """,
    "monthly-a-year-ago": """
        select customer from events where type = 'purchase' and so_far(at_ms, $now_ms)
        group by customer
        having bool_or(between_days(at_ms, 450, 420, $now_ms))
            and bool_or(between_days(at_ms, 420, 390, $now_ms))
            and bool_or(between_days(at_ms, 390, 360, $now_ms))
            and max(at_ms) <= $now_ms - days(90)
    """,
    "looked-at-everything": """
        select customer from items
        where type = 'product_view' and within(at_ms, 30, $now_ms)
            and customer not in (select customer from events
                where type = 'purchase' and within(at_ms, 30, $now_ms))
        group by customer having count(distinct product_id) >= 20
    """,
    "cart-that-grows": """
        select customer from events
        where type = 'cart_add' and customer not in (select customer from events
            where type = 'purchase' and within(at_ms, 90, $now_ms))
        group by customer
        having bool_or(within(at_ms, 30, $now_ms))
            and bool_or(between_days(at_ms, 60, 30, $now_ms))
            and bool_or(between_days(at_ms, 90, 60, $now_ms))
    """,
    "came-once-and-left": """
        select customer from events where so_far(at_ms, $now_ms) group by customer
        having count(*) filter (type = 'visit') = 1
            and count(*) filter (type = 'purchase') = 0
            and max(at_ms) filter (type = 'visit') <= $now_ms - days(14)
            and max(at_ms) filter (type = 'visit') > $now_ms - days(90)
    """,
    "wished-for": """
        select distinct customer from (
            select customer, product_id, max(at_ms) wished from items
            where type = 'wishlist' and so_far(at_ms, $now_ms)
            group by customer, product_id) wishes
        where $now_ms >= wished + days(1) and $now_ms < wished + days(60)
            and not exists (select 1 from items got
                where got.type = 'purchase' and got.customer = wishes.customer
                and got.product_id = wishes.product_id and got.at_ms >= wishes.wished
                and so_far(got.at_ms, $now_ms))
    """,
    "big-spenders": """
        select customer from events where type = 'purchase' and within(at_ms, 365, $now_ms)
        group by customer having sum(amount) >= $vip
    """,
    "frequent-buyers": """
        select customer from events where type = 'purchase' and within(at_ms, 90, $now_ms)
        group by customer having count(*) >= 6
    """,
    "champions": """
        select customer from events where type = 'purchase' and within(at_ms, 365, $now_ms)
        group by customer
        having max(at_ms) > $now_ms - days(30) and count(*) >= 8 and sum(amount) >= $champion
    """,
    # A week ago the sum of the year before that was still too small.
    "vip-just-reached": """
        select customer from events where type = 'purchase' group by customer
        having sum(amount) filter (within(at_ms, 365, $now_ms)) >= $vip
            and coalesce(
                sum(amount) filter (within(at_ms, 365, $now_ms - days(7))), 0) < $vip
    """,
    "vip-slipping-away": """
        select customer from events where type = 'purchase' and so_far(at_ms, $now_ms)
        group by customer
        having sum(amount) filter (within(at_ms, 365, $now_ms - days(60))) >= $vip
            and max(at_ms) <= $now_ms - days(60)
    """,
    "fans": """
        select customer from events where within(at_ms, 180, $now_ms) group by customer
        having count(*) filter (type = 'purchase') >= 2
            and count(*) filter (type = 'review' and rating >= 4) >= 2
            and count(*) filter (type = 'review' and rating between 1 and 2) = 0
    """,
    # Today or one of the seven days that follow; the 29th of February falls on the 28th in
    # years that have none.
    "birthday-soon": """
        select distinct customer from customers, range(8) ahead(n)
        where known_ms <= $now_ms and birthday in (
            strftime($today::date + n::integer, '%m-%d'),
            case when strftime($today::date + n::integer, '%m-%d') = '02-28'
                and strftime($today::date + n::integer + 1, '%m-%d') = '03-01'
                then '02-29' end)
    """,
    "birthday-coupon-ending": """
        select distinct customer from (
            select customer, coupon_id, max(at_ms) issued from events
            where type = 'coupon_issued' and offer_id = 'birthday-coupon'
                and so_far(at_ms, $now_ms)
            group by customer, coupon_id) coupons
        where $now_ms >= issued + days(23) and $now_ms < issued + days(30)
            and not exists (select 1 from events used
                where used.type = 'coupon_redeemed' and used.customer = coupons.customer
                and used.coupon_id = coupons.coupon_id and used.at_ms >= coupons.issued
                and so_far(used.at_ms, $now_ms))
            and (select count(*) filter (type = 'gift_sent')
                    = count(*) filter (type = 'gift_returned') from events given
                where given.customer = coupons.customer
                and given.offer_id = 'birthday-coupon' and within(given.at_ms, 30, $now_ms))
    """,
    "one-branch-regulars": """
        select customer from events
        where type = 'purchase' and channel = 'store' and within(at_ms, 90, $now_ms)
        group by customer having count(*) >= 3 and count(distinct store_id) = 1
    """,
    "capital-region": """
        select customer from customers
        where known_ms <= $now_ms and region in ('seoul', 'gyeonggi', 'incheon')
    """,
    "in-store-no-account": """
        select distinct customer from events
        where (type = 'store_visit' or (type = 'purchase' and channel = 'store'))
            and within(at_ms, 90, $now_ms)
            and customer not in (select customer from customers where member_ms <= $now_ms)
            and customer not in (select customer from events
                where type = 'login' and so_far(at_ms, $now_ms))
    """,
}

# Two rules on coupons for the grocer's year, whose redemptions are recorded by day.
COUPON_QUERIES = {
    "coupon-users": """
        select customer from events where type = 'coupon_redeemed' and within(at_ms, 90, $now_ms)
        group by customer having count(distinct coupon_id) >= 3
    """,
    "no-more-coupons": """
        select customer from events where type = 'coupon_redeemed' and so_far(at_ms, $now_ms)
        group by customer having max(at_ms) <= $now_ms - days(60)
    """,
}
