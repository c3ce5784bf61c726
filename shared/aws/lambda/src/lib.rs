//! Lambda: stopping and starting the polling of a queue for its worker.
//!
//! The only crate that names `aws-sdk-lambda`. Running functions is the `lambda` crate's affair.

use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use domain::ServiceError;

/// What Lambda says of a mapping that still carries out the change before (AWS "UpdateEventSourceMapping").
const IN_BETWEEN: &[&str] = &["ResourceInUseException", "ResourceConflictException"];

/// The event source mapping of a queue: what polls it and hands its messages to the worker.
#[derive(Clone)]
pub struct Mapping {
    client: Client,
    id: String,
}

/// Whether a queue is polled (the states of AWS "EventSourceMappingConfiguration").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polling {
    /// Messages go to the worker, or are about to.
    On,
    /// Pollers are being called off: some may still hand messages over.
    Stopping,
    /// No message goes to the worker. What went before may still run.
    Off,
}

/// A mapping as Lambda describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MappingState {
    /// Whether it polls.
    pub polling: Polling,
    /// How many of the worker's instances it keeps busy at most; none where only the account's limit counts.
    pub concurrency: Option<u32>,
}

impl Mapping {
    /// The mapping of that UUID.
    pub fn new(aws: &SdkConfig, id: String) -> Self {
        Self {
            client: Client::new(aws),
            id,
        }
    }

    /// What it does at present.
    pub async fn state(&self) -> Result<MappingState, ServiceError> {
        let call = self.client.get_event_source_mapping().uuid(&self.id);
        let found = call.send().await.map_err(failed)?;
        let concurrency = found.scaling_config.and_then(|scaling| scaling.maximum_concurrency);
        Ok(MappingState {
            polling: Polling::of(found.state.as_deref().unwrap_or_default()),
            concurrency: concurrency.and_then(|most| u32::try_from(most).ok()),
        })
    }

    /// Has the queue polled, or no longer. Bears repetition. [`ServiceError::Busy`] while the change before is still being carried out.
    pub async fn poll(&self, on: bool) -> Result<(), ServiceError> {
        let call = self.client.update_event_source_mapping().uuid(&self.id).enabled(on);
        let Err(error) = call.send().await else { return Ok(()) };
        match error.code().filter(|code| IN_BETWEEN.contains(code)) {
            Some(code) => Err(ServiceError::Busy(format!("the mapping is changing: {code}"))),
            None => Err(failed(error)),
        }
    }
}

impl Polling {
    fn of(state: &str) -> Self {
        match state {
            "Disabled" => Self::Off,
            "Disabling" => Self::Stopping,
            _ => Self::On,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mapping_that_has_stopped_is_off() {
        for (state, polling) in [
            ("Disabled", Polling::Off),
            ("Disabling", Polling::Stopping),
            ("Enabled", Polling::On),
            ("Enabling", Polling::On),
            ("Updating", Polling::On),
            ("", Polling::On),
        ] {
            assert_eq!(Polling::of(state), polling, "{state}");
        }
    }
}
