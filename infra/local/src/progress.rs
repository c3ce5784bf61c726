//! Tells the user what takes time: spinners on a terminal, plain lines elsewhere, nothing in tests.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether slow steps are shown, and so on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Spinners, or plain lines when standard output is no terminal.
    Shown,
    /// Nothing at all.
    Silent,
}

impl Progress {
    /// Begins a step; `text` says what is being done.
    pub(crate) fn step(self, text: &str) -> Step {
        let bar = (self == Self::Shown).then(|| spinner(text));
        if bar.as_ref().is_some_and(ProgressBar::is_hidden) {
            say(&format!("{text} ..."));
        }
        Step {
            bar,
            text: text.to_owned(),
            started: Instant::now(),
        }
    }
}

/// A step that is under way. Dropped without [`Step::done`], it leaves no mark on a terminal.
pub(crate) struct Step {
    bar: Option<ProgressBar>,
    text: String,
    started: Instant,
}

impl Step {
    /// Shows what the step is at, beside its text. Terminals only.
    pub(crate) fn at(&self, detail: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} ({detail})", self.text));
        }
    }

    /// Ends the step with what came of it.
    pub(crate) fn done(self, outcome: &str) {
        let Some(bar) = &self.bar else { return };
        bar.finish_and_clear();
        say(&format!(
            "{}: {outcome} ({:.1} s)",
            self.text,
            self.started.elapsed().as_secs_f64()
        ));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn spinner(text: &str) -> ProgressBar {
    if !io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
    // The template is a constant; the fallback only spares a panic.
    bar.set_style(
        ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.set_message(text.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Writes a line; a reader that went away (`cargo run | head`) must not stop the cloud.
pub fn say(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
