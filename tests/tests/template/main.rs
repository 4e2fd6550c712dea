//! What template.yaml promises, checked without a cloud: nothing is lost
//! silently, nothing is allowed that is not needed, and every knob is explained.

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod document;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod iam;
mod ledger;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod partner;
#[cfg(test)]
mod queues;
mod reconcile;
#[cfg(test)]
mod security;
#[cfg(test)]
mod storage;
mod traces;
