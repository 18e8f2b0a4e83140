-- Stripe's events name the charge: payments and refunds are looked up by it.
create index payments_intent_idx on payments (stripe_payment_intent);
create index refunds_intent_idx on refunds (payment_intent);
