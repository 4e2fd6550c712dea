//! Use cases over small port traits. No AWS, no Stripe JSON.

