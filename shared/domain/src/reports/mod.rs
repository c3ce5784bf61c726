//! Streamer reports (being written).
