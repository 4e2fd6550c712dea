//! What platforms look at every day, as far as it is arithmetic: payouts, exchange
//! rates, fees. Aggregates merge in any order, so that a store can keep them live.

pub mod expected;
pub mod fees;
pub mod fx;
pub mod month;
pub mod payouts;

pub use expected::{Expected, NotExpected};
pub use fees::{FeeKey, FeeRule, FeeSchedule, Fees, Taker};
pub use fx::{Conversion, Fx, Way};
pub use month::{Month, MonthView, NotAMonth, by_month};
pub use payouts::{Explained, PayoutRow, Shelf};
