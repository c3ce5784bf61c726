//! Mailing a notice once, though SES knows no idempotency: see `Directory::claim_notice` for the steps.

use crate::App;
use aws_dynamodb::Claim;
use aws_ses::{Mail, NotSent};
use domain::mail::NoticeId;
use domain::text::Email;
use domain::{ServiceError, UserId};
use std::time::Duration;

/// A mail that may be on its way: as long as a claim holds, in which SES's `Send` event tells whether it is.
const LOOK_AGAIN: Duration = Duration::from_secs(5 * 60 + 5);

/// What became of the wish to mail somebody.
pub(crate) enum Mailed {
    /// It went out, or is not to: the person wants none, or the address takes none.
    Settled,
    /// Nobody knows yet: look again after this long.
    Unknown(Duration),
}

impl App {
    /// Where a person is to be mailed; nowhere when there is no sender, no such person, or the address takes no more mail.
    pub(crate) async fn address(&self, person: UserId) -> Result<Option<Email>, ServiceError> {
        let Some(user) = self.directory.user(person).await?.filter(|_| self.mailer.is_some()) else {
            return Ok(None);
        };
        let stopped = self.directory.mail_stopped(&user.email).await?;
        Ok(Some(user.email).filter(|_| stopped.is_none()))
    }

    /// Mails a notice, unless it went out before.
    pub(crate) async fn mail(
        &self,
        to: Email,
        notice: NoticeId,
        letter: (&str, String),
    ) -> Result<Mailed, ServiceError> {
        self.mail_with(to, notice, async || Ok(letter)).await
    }

    /// The same with a letter that is only written once it is to go out: it holds a secret whose hash is stored then, in the place of any before.
    pub(crate) async fn mail_with<'a>(
        &self,
        to: Email,
        notice: NoticeId,
        letter: impl AsyncFnOnce() -> Result<(&'a str, String), ServiceError>,
    ) -> Result<Mailed, ServiceError> {
        let Some(mailer) = &self.mailer else {
            return Ok(Mailed::Settled);
        };
        let now = self.source.now();
        match self.directory.claim_notice(&notice, now).await? {
            Claim::Sent { .. } => return Ok(Mailed::Settled),
            Claim::Sending { .. } => return Ok(Mailed::Unknown(LOOK_AGAIN)),
            Claim::Claimed => {}
        }
        let (subject, text) = match letter().await {
            Ok(letter) => letter,
            Err(error) => {
                self.directory.release_notice(&notice, now).await?;
                return Err(error);
            }
        };
        let subject = subject.to_owned();
        let mail = Mail {
            to,
            subject,
            text,
            notice,
        };
        match mailer.send(&mail).await {
            Ok(_) => self.directory.notice_sent(&mail.notice, self.source.now()).await?,
            Err(NotSent::Refused(error)) => {
                self.directory.release_notice(&mail.notice, now).await?;
                return Err(error);
            }
            Err(NotSent::Unknown(error)) => {
                tracing::warn!(notice = %mail.notice, %error, "a mail may be on its way");
                return Ok(Mailed::Unknown(LOOK_AGAIN));
            }
        }
        Ok(Mailed::Settled)
    }
}
