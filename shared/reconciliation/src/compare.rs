//! The comparisons: two sides in, findings out.

pub mod balance;
pub mod books;
pub mod entry;
pub mod fact;
pub mod lines;
pub mod mirror;
pub mod payout;
pub mod prices;

#[cfg(test)]
mod tests;
