//! When events arrive, whoever serves them and however long that takes.

use std::thread;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::sync::mpsc;

/// Arrivals as offsets from a start, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

impl Schedule {
    /// A Poisson process: pauses are independent, and on average `1 / rate_per_s`.
    /// One seed gives one schedule.
    pub fn poisson(seed: u64, rate_per_s: f64, events: usize) -> Self {
        let mut draw = ChaCha8Rng::seed_from_u64(seed);
        let mut at = 0.0;
        let mut next = || {
            // In (0, 1]: the logarithm of 0 is no pause.
            let share = 1.0 - draw.random::<f64>();
            at -= share.ln() / rate_per_s;
            Duration::from_secs_f64(at)
        };
        Self((0..events).map(|_| next()).collect())
    }

    /// Plays it from now on. What is received is the moment at which the event was
    /// *scheduled*: latency counted from there includes the wait behind earlier
    /// events, which is what a slow server makes its callers feel.
    pub fn play(&self) -> mpsc::UnboundedReceiver<Instant> {
        let (due, arrivals) = mpsc::unbounded_channel();
        let start = Instant::now();
        let times: Vec<Instant> = self.0.iter().map(|offset| start + *offset).collect();
        // A thread, because the runtime's own timer is coarser than what is measured.
        thread::spawn(move || {
            for at in times {
                thread::sleep(at.saturating_duration_since(Instant::now()));
                if due.send(at).is_err() {
                    return;
                }
            }
        });
        arrivals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_schedule() {
        let schedule = |seed| Schedule::poisson(seed, 50.0, 100);
        assert_eq!(schedule(1), schedule(1));
        assert_ne!(schedule(1), schedule(2));
    }

    #[test]
    fn pauses_are_exponential_with_the_mean_that_was_asked_for() {
        let Schedule(times) = Schedule::poisson(7, 50.0, 20_000);
        assert!(times.is_sorted());
        let pauses: Vec<f64> = times
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).as_secs_f64())
            .collect();
        let count = pauses.len() as f64;
        let mean = pauses.iter().sum::<f64>() / count;
        assert!((mean - 0.02).abs() < 0.000_5, "{mean}");
        // Of an exponential distribution 1/e lies above the mean, and the deviation
        // equals it; evenly spread pauses would have neither.
        let above = pauses.iter().filter(|pause| **pause > mean).count() as f64;
        assert!((above / count - 0.368).abs() < 0.01, "{above}");
        let variance = pauses.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / count;
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.03, "{variance}");
    }

    #[tokio::test]
    async fn arrivals_do_not_wait_for_who_is_slow() {
        let schedule = Schedule::poisson(3, 1_000.0, 20);
        let mut arrivals = schedule.play();
        let first = arrivals.recv().await.unwrap();
        std::thread::sleep(Duration::from_millis(30));
        let mut last = first;
        while let Some(at) = arrivals.recv().await {
            last = at;
        }
        let Schedule(times) = schedule;
        assert_eq!(last - first, times[19] - times[0]);
    }
}
