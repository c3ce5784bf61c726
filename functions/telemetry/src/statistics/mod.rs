//! Statistics of a stream, and of one variable across the devices of a project.

mod across;
mod by_device;
pub mod get;
mod percents;
pub mod project;
mod project_view;
pub mod summarise;
pub mod window;
