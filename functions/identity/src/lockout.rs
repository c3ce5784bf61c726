//! Tries of passwords: reserved before Cognito is asked, settled after. See [`domain::lockout`] for the rules.

use crate::App;
use aws_cognito::CognitoError;
use aws_dynamodb::Tried;
use domain::lockout::{Network, Reserved};
use domain::mail::AddressHash;
use domain::task::{Task, TaskKind};
use domain::text::Email;
use http_api::Problem;
use serde_json::json;
use std::time::Duration;

/// One text for every address, whether it has an account or not.
const WAIT: &str = "There were too many tries to sign in with this address: wait as long as Retry-After says. The owner of the address has a mail with a link that ends the wait.";

/// A try that is reserved. One that is dropped counts as a wrong password.
pub struct Try {
    address: AddressHash,
    from: Network,
    reserved: Reserved,
}

impl App {
    /// Reserves a try at an address, or says how long to wait.
    pub async fn reserve_try(&self, email: &Email, from: Network) -> Result<Try, Problem> {
        let address = AddressHash::of(email);
        let now = self.source.now();
        match self.directory.reserve_try(&address, &from, now).await? {
            Ok(reserved) => Ok(Try {
                address,
                from,
                reserved,
            }),
            Err(wait) => Err(too_many(wait.0)),
        }
    }

    /// The password was right, and whatever was asked beside it: in `own` tries, this one included.
    pub async fn passed(&self, tried: Try, own: u32) {
        self.settle(tried, Tried::Right(own)).await;
    }

    /// The password was right, and more is asked: until that is right too, it counts as a wrong one.
    pub async fn pending(&self, tried: Try) {
        if tried.reserved.tell {
            self.tell(TaskKind::TellLockout, &tried.address).await;
        }
    }

    /// Cognito refused: what the caller is told of it, in `words`.
    pub async fn refused(&self, tried: Try, error: CognitoError, words: fn(CognitoError) -> Problem) -> Problem {
        match &error {
            CognitoError::Service(_) => self.settle(tried, Tried::Nothing).await,
            CognitoError::Waiting => return too_many(tried.reserved.attempts.cognito_wait()),
            _ if tried.reserved.tell => self.tell(TaskKind::TellLockout, &tried.address).await,
            _ => {}
        }
        words(error)
    }

    /// A try that cannot be settled counts as wrong, and the sign-in goes on.
    async fn settle(&self, tried: Try, how: Tried) {
        let Try {
            address,
            from,
            reserved,
        } = tried;
        let now = self.source.now();
        let settled = self
            .directory
            .settle_try((&address, &from), reserved.attempts, how, now);
        if let Err(error) = settled.await {
            tracing::warn!(%error, "a try that counts no more is still counted");
        }
    }

    /// Has the owner of an address mailed, if it has one: who that is, the worker finds out, so that the caller does not wait longer for an
    /// address with an account. A notice that cannot be accepted is not worth failing the request for.
    pub async fn tell(&self, kind: TaskKind, address: &AddressHash) {
        let task = Task::queued(self.source.id(), None, kind, "system", self.source.now());
        let task = task.with_input(json!({ "address": address.as_str() }));
        match self.directory.accept_task(&task).await {
            Ok(_) => self.tasks.wake(&task).await,
            Err(error) => tracing::error!(kind = kind.as_str(), %error, "a notice is not sent"),
        }
    }
}

fn too_many(wait: Duration) -> Problem {
    Problem::too_many(WAIT, wait)
}
