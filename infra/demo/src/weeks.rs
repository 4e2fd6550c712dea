//! The two weeks that the demo plays, and what is put wrong in them.

use tributary_simulator::{World, WorldConfig};

use crate::day::Script;

const DAY_S: i64 = 86_400;
/// Unix day 0 was a Thursday; Mondays are this many days after a multiple of seven.
const MONDAY: i64 = 4;
/// Days after the last one in which nothing new happens: what the platform wrote down
/// itself is not missed before it is two days old.
const SETTLED_DAYS: i64 = 3;
/// Days that are played.
pub const DAYS: u32 = 14;

/// The last Monday, 00:00 UTC, after which two weeks and three days have passed at `now`
/// (unix seconds).
/// Stripe lists events for 30 days and reconciliation catches up with as many, by the
/// functions' own clock: the weeks have to be recent ones.
pub fn start(now: i64) -> i64 {
    let latest = now.div_euclid(DAY_S) - i64::from(DAYS) - SETTLED_DAYS;
    let monday = (latest - MONDAY).div_euclid(7) * 7 + MONDAY;
    monday * DAY_S
}

/// Plays two weeks with so many flaws of each kind, has the bank send a payout back at
/// their end, and lets time pass until `now`.
pub fn play(script: Script, flaws: usize, now: i64) -> World {
    let mut world = World::new(WorldConfig {
        accounts: script.accounts,
        events_min: script.events,
        start: start(now),
        days: DAYS,
        ..WorldConfig::two_weeks(script.seed)
    });
    world.inject_all(flaws);
    world.run();
    world.fail_largest_payout("account_closed");
    world.advance_to(now);
    world
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weeks_begin_on_a_monday_and_are_over() {
        // 2026-11-27 is a Friday.
        let friday = 1_795_737_600 + 3_600;
        for day in 0..8 {
            let now = friday + day * DAY_S;
            let start = start(now);
            let weekday = start.div_euclid(DAY_S).rem_euclid(7);
            assert_eq!((start % DAY_S, weekday), (0, MONDAY));
            let passed = now - start;
            assert!((17 * DAY_S..24 * DAY_S).contains(&passed), "{passed}");
        }
    }
}
