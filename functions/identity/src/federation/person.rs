//! Whom a provider brings: their row at first sight, and what follows when the provider tells another address.
//!
//! A person is known by Cognito's `sub`, which stands for what their provider calls them. An address never makes two accounts one: whoever
//! rules the provider could otherwise enter an account with a password by giving its address to anybody. So one who is new and has an address
//! of somebody else's account is refused, and told why; the same holds the other way round (`sessions/create.rs`).

use super::Federation;
use crate::App;
use aws_tokens::IdToken;
use domain::account::{AccountStatus, Notices, User};
use domain::text::{Email, Name};
use domain::{ServiceError, UserId};
use http_api::{Kind, Problem};

impl App {
    /// Makes sure that whoever signed in through a provider has a row that says who they are.
    pub async fn receive(&self, federation: &Federation, who: &IdToken) -> Result<(), Problem> {
        let address = vouched(federation, who);
        match self.directory.user(who.user).await? {
            Some(user) => self.follow(&user, address).await?,
            None => self.welcome(who, address.ok_or_else(unvouched)?).await?,
        }
        self.directory.ensure_pseudonym_key(who.user, &self.source).await?;
        Ok(())
    }

    /// The address first: a crash in between leaves it claimed by somebody whom the next sign-in makes.
    async fn welcome(&self, who: &IdToken, email: Email) -> Result<(), Problem> {
        self.claim(&email, who.user).await?;
        let local = email.as_str().split('@').next().unwrap_or_default();
        let named = who.name.as_deref().and_then(|name| Name::parse(name).ok());
        let name = named
            .map_or_else(|| Name::parse(local), Ok)
            .map_err(Problem::internal)?;
        let user = User {
            id: who.user,
            email,
            name,
            status: AccountStatus::Active,
            created_at: self.source.now(),
            notices: Notices::default(),
        };
        Ok(self.directory.put_new_user(&user).await?)
    }

    /// An address that the provider changed, unless it is somebody else's: then the old one stays.
    async fn follow(&self, user: &User, address: Option<Email>) -> Result<(), Problem> {
        let Some(email) = address.filter(|email| *email != user.email) else {
            return Ok(());
        };
        match self.directory.claim_address(&email, user.id).await {
            Ok(()) => Ok(self.directory.change_email(user, &email, false).await?),
            Err(ServiceError::Conflict) => {
                tracing::warn!(user = %user.id, "a provider tells an address that is somebody else's");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes an address somebody's, unless it is somebody else's.
    pub async fn claim(&self, email: &Email, user: UserId) -> Result<(), Problem> {
        self.directory
            .claim_address(email, user)
            .await
            .map_err(|error| match error {
                ServiceError::Conflict => taken(),
                error => error.into(),
            })
    }
}

/// The address that the provider tells and vouches for.
fn vouched(federation: &Federation, who: &IdToken) -> Option<Email> {
    let email = Email::parse(who.email.as_deref()?).ok()?;
    (who.email_verified || federation.vouches_for_all).then_some(email)
}

fn unvouched() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "Your identity provider tells no email address of yours that it has verified. Have it verify one, and sign in again.",
    )
}

/// Whoever reads this has proved that the address is theirs.
fn taken() -> Problem {
    Problem::new(
        Kind::Conflict,
        "Your email address belongs to an account that signs in another way. Sign in to that account as you did before, or give it another address first.",
    )
}
