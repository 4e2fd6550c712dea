//! Lambda: fetches one object from Stripe and queues what it saw.
