//! What was counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A part of an event's road that money is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// From Stripe to the queue: the API and the function behind it.
    Ingress,
    /// The events queue and the quarantine.
    Queue,
    /// The function that applies.
    Apply,
    /// Writes to the tables.
    Writes,
    /// Reads from the tables.
    Reads,
    /// Objects that have to be asked of Stripe.
    Fetch,
    /// Bodies in the bucket.
    Objects,
    /// Reading secrets.
    Secrets,
    /// What is logged, by functions, by Lambda and by the API.
    Logs,
    /// From the mirror to the bus.
    FanOut,
    /// The functions behind the bus.
    Consumers,
}

impl Stage {
    /// All of them, in the order of an event's road.
    pub const ALL: [Self; 11] = [
        Self::Ingress,
        Self::Queue,
        Self::Apply,
        Self::Writes,
        Self::Reads,
        Self::Fetch,
        Self::Objects,
        Self::Secrets,
        Self::Logs,
        Self::FanOut,
        Self::Consumers,
    ];

    /// Whether it is part of making an event applied and durable.
    pub fn is_before_the_bus(self) -> bool {
        !matches!(self, Self::FanOut | Self::Consumers)
    }

    /// The stage in a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Queue => "queue",
            Self::Apply => "apply",
            Self::Writes => "writes",
            Self::Reads => "reads",
            Self::Fetch => "fetch",
            Self::Objects => "S3",
            Self::Secrets => "secrets",
            Self::Logs => "logs",
            Self::FanOut => "fan-out",
            Self::Consumers => "consumers",
        }
    }
}

/// Something that AWS puts on the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A request to an HTTP API, per started 512 KB.
    HttpApiRequest,
    /// A request to a REST API.
    RestApiRequest,
    /// An invocation.
    LambdaRequest,
    /// A millisecond of a function of one MB.
    LambdaMbMs,
    /// A request to a standard queue, per started 64 KB.
    SqsRequest,
    /// A request to a FIFO queue, per started 64 KB.
    SqsFifoRequest,
    /// What fair queuing adds to a request.
    SqsFairSurcharge,
    /// A KB written.
    WriteUnit,
    /// Half of 4 KB read.
    ReadHalfUnit,
    /// An event put on a bus, per started 64 KB.
    BusEvent,
    /// An object written.
    S3Put,
    /// An object read.
    S3Get,
    /// A call to Secrets Manager.
    SecretCall,
    /// A byte logged by a function or about it.
    LogByte,
    /// A byte of the API's access log.
    AccessLogByte,
}

impl Unit {
    /// The unit in a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpApiRequest => "HTTP API requests",
            Self::RestApiRequest => "REST API requests",
            Self::LambdaRequest => "Lambda requests",
            Self::LambdaMbMs => "Lambda MB-milliseconds",
            Self::SqsRequest => "SQS requests",
            Self::SqsFifoRequest => "SQS FIFO requests",
            Self::SqsFairSurcharge => "SQS fair queuing",
            Self::WriteUnit => "write units",
            Self::ReadHalfUnit => "read half units",
            Self::BusEvent => "bus events",
            Self::S3Put => "S3 PUT",
            Self::S3Get => "S3 GET",
            Self::SecretCall => "secret reads",
            Self::LogByte => "bytes of function logs",
            Self::AccessLogByte => "bytes of access log",
        }
    }
}

/// How much of each unit, by stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<(Stage, Unit), u64>);

impl Counts {
    /// Adds to a unit.
    pub fn add(&mut self, stage: Stage, unit: Unit, count: u64) {
        if count > 0 {
            *self.0.entry((stage, unit)).or_default() += count;
        }
    }

    /// A unit's count in one stage.
    pub fn get(&self, stage: Stage, unit: Unit) -> u64 {
        self.0.get(&(stage, unit)).copied().unwrap_or_default()
    }

    /// A unit's count in all stages.
    pub fn total(&self, unit: Unit) -> u64 {
        let of_unit = self.iter().filter(|(_, each, _)| *each == unit);
        of_unit.map(|(_, _, count)| count).sum()
    }

    /// Everything that was counted.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, Unit, u64)> + '_ {
        self.0
            .iter()
            .map(|(&(stage, unit), &count)| (stage, unit, count))
    }

    /// The same without some units: what a road without them would count.
    pub fn without(&self, units: &[Unit]) -> Self {
        let kept = self.0.iter().filter(|((_, unit), _)| !units.contains(unit));
        Self(kept.map(|(key, count)| (*key, *count)).collect())
    }
}

/// The requests of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// How many.
    pub count: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
}

/// An item that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemWrite {
    /// The table.
    pub table: String,
    /// What kind of thing it is about: an event's type, or an object's kind.
    pub kind: String,
    /// The item's size as DynamoDB reckons it.
    pub bytes: u64,
    /// Write units charged.
    pub units: u64,
}

/// Everything that a metered AWS saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Units by stage.
    pub counts: Counts,
    /// Requests by operation.
    pub requests: BTreeMap<String, Requests>,
    /// Single items that were put and are there now.
    pub writes: Vec<ItemWrite>,
}

impl Tally {
    /// How often an operation was asked for.
    pub fn requests(&self, operation: &str) -> u64 {
        self.requests.get(operation).map_or(0, |one| one.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_road_without_an_api_is_the_rest() {
        let mut counts = Counts::default();
        counts.add(Stage::Ingress, Unit::HttpApiRequest, 3);
        counts.add(Stage::Ingress, Unit::LambdaRequest, 3);
        counts.add(Stage::Apply, Unit::LambdaRequest, 1);
        counts.add(Stage::Apply, Unit::LambdaRequest, 0);
        let rest = counts.without(&[Unit::HttpApiRequest]);
        assert_eq!(rest.total(Unit::HttpApiRequest), 0);
        assert_eq!(rest.total(Unit::LambdaRequest), 4);
        assert_eq!(counts.get(Stage::Ingress, Unit::HttpApiRequest), 3);
    }
}
