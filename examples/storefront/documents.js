// Every operation of the storefront. The mark before each lets graphql-codegen find it.

export const ME = /* GraphQL */ `
  query Me($cart: CartInput!, $orderId: String, $shopping: Boolean!) {
    me {
      greeting { text }
      tier { displayName }
      segments { segmentId }
      customer { id recentlyViewed(limit: 4) { productId product { name } } }
      coupons(first: 20) {
        nodes {
          id
          state
          validUntil
          offer { displayName giftable }
        }
      }
      savings(cart: $cart, orderId: $orderId) @include(if: $shopping) {
        total { minorUnits currencyCode }
        discount { minorUnits currencyCode }
        best { couponId discount { minorUnits } }
        coupons { couponId verdict }
      }
      giftsWaiting { token gift { id offer { displayName } } }
    }
  }
`;

export const PRODUCTS = /* GraphQL */ `
  query Products {
    products(first: 20) {
      nodes { id name category price { minorUnits currencyCode } }
    }
  }
`;

export const TRACK = /* GraphQL */ `
  mutation Track($input: TrackInput!) {
    track(input: $input) {
      ... on TrackSuccess { results { eventId outcome code message } changesPending }
      ... on Refused { code message field }
    }
  }
`;

export const HOLD = /* GraphQL */ `
  mutation Hold($input: HoldCouponInput!) {
    holdCoupon(input: $input) {
      ... on HoldCouponSuccess { coupon { id state } discount { minorUnits } }
      ... on Refused { code message field }
    }
  }
`;

export const OFFER_GIFT = /* GraphQL */ `
  mutation OfferGift($input: OfferGiftInput!) {
    offerGift(input: $input) {
      ... on OfferGiftSuccess { token gift { id expiresAt } }
      ... on Refused { code message field }
    }
  }
`;

export const GIFT = /* GraphQL */ `
  query Gift($token: String!) {
    gift(token: $token) { id state expiresAt offer { displayName } }
  }
`;

export const CLAIM_GIFT = /* GraphQL */ `
  mutation ClaimGift($input: ClaimGiftInput!) {
    claimGift(input: $input) {
      ... on ClaimGiftSuccess { gift { id state } coupon { id state } }
      ... on Refused { code message field }
    }
  }
`;
