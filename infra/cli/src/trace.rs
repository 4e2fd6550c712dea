//! A trace's ports on the deployed tables, and Stripe's JSON in the domain's terms.

mod ground;
pub mod read;

pub use ground::TableGround;
