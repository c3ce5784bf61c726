//! Readings (being written).
