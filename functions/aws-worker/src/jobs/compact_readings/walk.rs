//! The way through an organisation: projects, devices, streams, the blocks of each, and at last its files.

use super::{Place, Round, State};
use domain::ServiceError;
use domain::block_files::is_looked_through;

impl State {
    /// Goes on by one page.
    pub(super) async fn advance(&mut self, round: &Round<'_>) -> Result<(), ServiceError> {
        let table = &round.table;
        self.place = match self.place.clone() {
            Place::Projects(after) => {
                let (projects, _) = table.projects(after, 1).await?;
                match projects.first() {
                    Some(project) => Place::Devices(project.id, None),
                    None if is_looked_through(table.org(), round.now()) => Place::Files(None),
                    None => Place::End,
                }
            }
            Place::Devices(project, after) => {
                let (devices, more) = table.devices(project, after, 1).await?;
                match (devices.first(), more) {
                    (Some((device, _)), _) => Place::Streams(project, device.id, None),
                    // One that was deleted just now.
                    (None, Some(gone)) => Place::Devices(project, Some(gone)),
                    (None, None) => Place::Projects(Some(project)),
                }
            }
            Place::Streams(project, device, after) => {
                let (streams, _) = table.streams(device, after.as_ref(), 1).await?;
                match streams.into_iter().next() {
                    Some(stream) => {
                        let then = stream.compacted.unwrap_or(i64::MIN);
                        Place::Old(project, device, stream.variable, (i64::MIN, then))
                    }
                    None => Place::Devices(project, Some(device)),
                }
            }
            Place::Old(project, device, variable, (from, then)) => {
                match self.expire(table, (device, &variable), from, round.now()).await? {
                    Some(from) => Place::Old(project, device, variable, (from, then)),
                    None => Place::Blocks(project, device, variable, then),
                }
            }
            Place::Blocks(project, device, variable, from) => {
                match self.compact(table, (device, &variable), from, round.now()).await? {
                    Some(from) => Place::Blocks(project, device, variable, from),
                    None => Place::Archive(project, device, variable, i64::MIN),
                }
            }
            Place::Archive(project, device, variable, from) => {
                let page = round.archive((device, &variable), from).await?;
                page.place(project, (device, variable))
            }
            Place::Send(project, sending) => {
                self.moved += round.send(&sending).await?;
                let file = sending.file;
                Place::Archive(project, file.device, file.variable, sending.next)
            }
            Place::Files(after) => match round.look(after).await? {
                Some(next) => Place::Files(Some(next)),
                None => Place::End,
            },
            Place::End => Place::End,
        };
        Ok(())
    }
}
