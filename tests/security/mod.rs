//! Who gets in, and who does not.

mod climbing;
mod isolation;
mod journal;
mod lockout;
mod mfa;
mod staff;
