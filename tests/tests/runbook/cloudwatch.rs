//! Which alarms sound; and metrics of AWS' own, put where AWS publishes them.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::emulator::Emulator;
use crate::road::eventually;

/// A value that was published a while ago, of a metric with one dimension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Published<'p> {
    pub(crate) namespace: &'p str,
    pub(crate) metric: &'p str,
    pub(crate) dimension: (&'p str, &'p str),
    pub(crate) value: f64,
    pub(crate) ago: Duration,
}

impl Emulator<'_> {
    /// Waits until an alarm sounds, and the one behind which it notifies.
    pub(crate) async fn sounds(&self, alarm: &str, notifies: &str) {
        let wanted = [named(alarm), named(notifies)];
        eventually(alarm, || async {
            let on = self.alarms_on().await;
            wanted.iter().all(|name| on.contains(name)).then_some(())
        })
        .await;
    }

    /// Waits until an alarm does not sound any more.
    pub(crate) async fn is_quiet(&self, alarm: &str) {
        let unwanted = named(alarm);
        eventually(alarm, || async {
            (!self.alarms_on().await.contains(&unwanted)).then_some(())
        })
        .await;
    }

    /// CloudWatch's answer about the alarms that sound.
    async fn alarms_on(&self) -> String {
        let body = "Action=DescribeAlarms&Version=2010-08-01&StateValue=ALARM\
                    &AlarmTypes.member.1=MetricAlarm&AlarmTypes.member.2=CompositeAlarm";
        self.query("monitoring", body.to_owned()).await
    }

    /// Publishes what AWS publishes by itself and the emulator does not, or what was
    /// published hours ago: alarms look back for so long.
    pub(crate) async fn publish(&self, what: &[Published<'_>]) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        for one in what {
            let Published {
                namespace,
                metric,
                dimension: (name, value_of),
                value,
                ago,
            } = one;
            let at = (now - *ago).as_secs_f64();
            let mut body = "Action=PutMetricData&Version=2010-08-01".to_owned();
            let member = "MetricData.member.1";
            write!(
                body,
                "&Namespace={namespace}&{member}.MetricName={metric}&{member}.Value={value}\
                 &{member}.Timestamp={at}&{member}.Dimensions.member.1.Name={name}\
                 &{member}.Dimensions.member.1.Value={value_of}"
            )
            .unwrap();
            self.query("monitoring", body).await;
        }
    }
}

fn named(alarm: &str) -> String {
    format!("<AlarmName>tributary-{alarm}</AlarmName>")
}
