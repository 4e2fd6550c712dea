//! What Linux says about a process.

use std::ops::{Add, Sub};
use std::time::Duration;

use crate::error::BenchError;

/// One tick of the CPU times in `/proc`: `USER_HZ` is 100 on every Linux that Rust
/// and Lambda run on, whatever the kernel's own clock.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of a process with all its threads, to the tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cpu {
    /// In its own code.
    pub user: Duration,
    /// In the kernel on its behalf.
    pub system: Duration,
}

impl Cpu {
    /// CPU time that process `pid` has used since it was born.
    pub fn of(pid: u32) -> Result<Self, BenchError> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Self::parse(&stat).ok_or(BenchError::Proc("CPU time"))
    }

    /// CPU time that this process has used, to the nanosecond: what `/proc` shows are
    /// hundredths of a second.
    pub fn of_this_process() -> Duration {
        let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::try_from(used).unwrap_or_default()
    }

    /// CPU time of a process and of all that it started, those that have ended and
    /// were waited for included.
    pub fn of_tree(pid: u32) -> Result<Self, BenchError> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let own = Self::parse(&stat).ok_or(BenchError::Proc("CPU time"))?;
        let ended = Self::parse_ended(&stat).ok_or(BenchError::Proc("CPU time"))?;
        let children = format!("/proc/{pid}/task/{pid}/children");
        let mut total = own + ended;
        for child in std::fs::read_to_string(children)?.split_ascii_whitespace() {
            let child = child.parse().map_err(|_| BenchError::Proc("children"))?;
            // One that has ended by now is counted the next time.
            total = total + Self::of_tree(child).unwrap_or_default();
        }
        Ok(total)
    }

    /// User and system time together.
    pub fn total(self) -> Duration {
        self.user + self.system
    }

    /// Fields 14 and 15. They are counted behind the program's name, which is in
    /// parentheses and may contain anything, spaces and parentheses included.
    fn parse(stat: &str) -> Option<Self> {
        Self::parse_at(stat, 11)
    }

    /// Fields 16 and 17: of processes that it started and that have ended.
    fn parse_ended(stat: &str) -> Option<Self> {
        Self::parse_at(stat, 13)
    }

    fn parse_at(stat: &str, field: usize) -> Option<Self> {
        let (_, fields) = stat.rsplit_once(')')?;
        let mut ticks = fields.split_ascii_whitespace().skip(field).map(str::parse);
        Some(Self {
            user: TICK * ticks.next()?.ok()?,
            system: TICK * ticks.next()?.ok()?,
        })
    }
}

impl Add for Cpu {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            user: self.user + other.user,
            system: self.system + other.system,
        }
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
        }
    }
}

/// CPU time of the threads that process `pid` has now, to the nanosecond: what a start
/// or a single event is measured with. A thread that has ended is not counted.
pub fn cpu_of_threads(pid: u32) -> Result<Duration, BenchError> {
    let mut total = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while this looks.
        let stat = std::fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        let on_cpu = stat.split_ascii_whitespace().next();
        total += on_cpu.map_or(Ok(0), str::parse).unwrap_or(0);
    }
    if total == 0 {
        return Err(BenchError::Proc("schedstat"));
    }
    Ok(Duration::from_nanos(total))
}

/// The most memory that process `pid` has held at once (`VmHWM`), KiB.
pub fn memory_peak_kib(pid: u32) -> Result<u64, BenchError> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    parse_memory_peak(&status).ok_or(BenchError::Proc("VmHWM"))
}

fn parse_memory_peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_program_name() {
        let stat = "7 (a) R (b) S 1 7 7 0 -1 4194304 100 0 0 0 31 12 5 6 20 0 1 0 5765 31 3";
        let cpu = Cpu::parse(stat).unwrap();
        assert_eq!(cpu.user, Duration::from_millis(310));
        assert_eq!(cpu.system, Duration::from_millis(120));
        assert_eq!(cpu.total(), Duration::from_millis(430));
        let ended = Cpu::parse_ended(stat).unwrap();
        assert_eq!(ended.total(), Duration::from_millis(110));
        assert_eq!(Cpu::parse("7 (a) S 1 2 3"), None);
    }

    #[test]
    fn peak_memory_is_read_in_kib() {
        let status = "Name:\tingest\nVmPeak:\t  90000 kB\nVmHWM:\t   18432 kB\nVmRSS:\t 9 kB\n";
        assert_eq!(parse_memory_peak(status), Some(18_432));
        assert_eq!(parse_memory_peak("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn this_process_can_be_read() {
        let pid = std::process::id();
        assert!(memory_peak_kib(pid).unwrap() > 0);
        assert!(cpu_of_threads(pid).unwrap() > Duration::ZERO);
        let own = Cpu::of(pid).unwrap().total();
        assert!(Cpu::of_tree(pid).unwrap().total() >= own);
    }
}
