//! Statistics of a stream from its blocks: window by window, from stored sums where they can be trusted and from the
//! readings where not.
//!
//! No storage, no network, no clock. What a block is, and which of two readings counts, is `blocks`' affair; what a
//! caller may ask for, and how an answer is written, is the function's.
//!
//! [`answer`] summarises windows ([`Windows`]: of one width, or of a calendar in a time zone) into a [`Tally`] each;
//! [`Gaps`] finds where readings are missing. A block that lies in the range and in one window, and whose bounds touch no
//! other's, counts by its stored summary and stays closed; [`opened`] and [`Gaps::opened`] tell beforehand which do not. To add a statistic that sums can tell: a method of [`Tally`].
//! To add one that needs each value: a field beside its percentiles, and a question in [`Ask`].

mod answer;
mod gaps;
mod groups;
mod percentiles;
mod tally;
mod windows;

pub use answer::{Answer, Ask, WindowTally, answer, opened};
pub use gaps::{Gap, Gaps};
pub use percentiles::{EXACT, Percentiles, RELATIVE_ERROR};
pub use tally::Tally;
pub use windows::{Calendar, Window, Windows};
