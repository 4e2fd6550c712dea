//! The figures of the engines, for people.

use std::collections::BTreeMap;
use std::fmt;

use super::held::{Difference, Tally};
use super::run::{Figures, SyncReport};
use super::stream::Class;

impl Class {
    fn title(self) -> &'static str {
        match self {
            Self::SharedId => "an id on two accounts",
            Self::Deleted => "deleted",
            Self::Tie => "changed twice in a second",
            Self::Plain => "only late and repeated",
        }
    }
}

impl Difference {
    fn title(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::OtherContent => "other content",
            Self::StillThere => "deleted, still there",
            Self::Deleted => "not deleted, held as deleted",
        }
    }
}

impl Figures {
    /// CPU time of all processes, s.
    pub fn cpu_s(&self) -> f64 {
        self.work.iter().map(|work| work.cpu_s).sum()
    }

    /// Deliveries for each second of CPU time.
    pub fn per_cpu_s(&self) -> f64 {
        self.deliveries as f64 / self.cpu_s()
    }

    /// Objects, those held as they are, and those held under their account.
    pub fn totals(&self) -> (usize, usize, usize) {
        let add = |(a, b, c), tally: &Tally| {
            (a + tally.objects, b + tally.right, c + tally.right_account)
        };
        self.tallies.values().fold((0, 0, 0), add)
    }

    /// Whether everything is held as it is, under the account that it belongs to.
    pub fn is_right(&self) -> bool {
        let (objects, right, accounts) = self.totals();
        self.refused.is_empty() && objects == right && objects == accounts
    }
}

impl fmt::Display for SyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ours) = self.engines.first() else {
            return Ok(());
        };
        writeln!(
            f,
            "  webhook to applied: {} events of {} accounts, {} deliveries\n  {}",
            self.events,
            self.plan.accounts,
            ours.deliveries,
            "─".repeat(100)
        )?;
        for engine in &self.engines {
            write_engine(f, ours, engine)?;
        }
        write_classes(f, &self.engines)?;
        for absent in &self.absent {
            writeln!(f, "  {}: not measured: {}", absent.name, absent.why)?;
        }
        Ok(())
    }
}

fn write_engine(f: &mut fmt::Formatter<'_>, ours: &Figures, engine: &Figures) -> fmt::Result {
    let (objects, right, accounts) = engine.totals();
    writeln!(f, "  {} ({})", engine.name, engine.made_of)?;
    let work: Vec<String> = engine
        .work
        .iter()
        .map(|work| format!("{} {:.2} s", work.name, work.cpu_s))
        .collect();
    writeln!(
        f,
        "      {:.0} deliveries for a second of CPU: {:.2} s ({}); {:.1} s by the clock",
        engine.per_cpu_s(),
        engine.cpu_s(),
        work.join(", "),
        engine.wall_s
    )?;
    writeln!(
        f,
        "      {right} of {objects} objects held as they are, {accounts} under their account"
    )?;
    for refused in &engine.refused {
        writeln!(
            f,
            "      refused {} times: {}: {}",
            refused.times, refused.kind, refused.error
        )?;
    }
    if std::ptr::eq(ours, engine) {
        return Ok(());
    }
    if engine.is_right() && ours.is_right() {
        let ratio = ours.per_cpu_s() / engine.per_cpu_s();
        return writeln!(
            f,
            "      ours does {ratio:.1} × as much for a second of CPU"
        );
    }
    writeln!(f, "      no ratio: the results differ")
}

fn write_classes(f: &mut fmt::Formatter<'_>, engines: &[Figures]) -> fmt::Result {
    for class in [Class::Plain, Class::Tie, Class::Deleted, Class::SharedId] {
        writeln!(f, "\n  {}", class.title())?;
        for engine in engines {
            let Some(tally) = engine.tallies.get(&class) else {
                continue;
            };
            writeln!(
                f,
                "      {:<30} {:>5} of {:>5} right, {:>5} under their account{}",
                engine.name,
                tally.right,
                tally.objects,
                tally.right_account,
                differences(&tally.different)
            )?;
        }
    }
    writeln!(f)
}

fn differences(different: &BTreeMap<Difference, usize>) -> String {
    let one =
        |(difference, count): (&Difference, &usize)| format!("; {count} {}", difference.title());
    different.iter().map(one).collect()
}
