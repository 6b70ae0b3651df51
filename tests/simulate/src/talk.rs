//! What a device's engine asks for, carried out as the app does.

use device_store::PhotoRow;
use replica::api::{ChallengeReply, ProblemBody, SessionReply};
use replica::sync::{self, Effect, Event, Next, Parts, Sending, SyncFault};
use replica::wire::reconcile::ReconcileReply;
use replica::wire::{MEDIA_TYPE, PushReply};
use serde_json::json;

use crate::fault::Fault;
use crate::line::Line;
use crate::phone::{Phone, Survived, now};
use crate::site::{Answer, Asked, Site};

/// Milliseconds to wait where the server is busy and names none.
const BUSY: u64 = 1_000;

impl Phone {
    /// Carries one effect out; nothing where the device ended over it.
    pub(crate) fn answer(&mut self, asked: Effect, site: &mut Site, line: &mut Line) -> Survived<Event> {
        line.online = self.online;
        let Some(life) = &self.life else { return Ok(None) };
        let store = life.store.clone();
        let event = match asked {
            Effect::NeedToken => match self.sign_in(site, line)? {
                Ok(()) => Event::TokenReady,
                Err(fault) => Event::TokenFailed(fault),
            },
            Effect::ReadOutbox { max_bytes, max_changes, skip } => {
                let read = now(store.outbox_read(max_changes, max_bytes, &skip))?;
                let Some(batch) = self.survive(read)? else { return Ok(None) };
                Event::OutboxRead(batch.changes)
            }
            Effect::Push { items, epoch } => {
                let request = sync::batch(&items, &self.key, epoch, self.seconds());
                let reply = self.cbor("POST", "/api/v1/push".to_owned(), request.to_cbor(), site, line)?;
                Event::PushAnswered(
                    reply.and_then(|body| PushReply::from_cbor(&body).map_err(|_| SyncFault::BadReply)),
                )
            }
            Effect::Settle { epoch, acked, refused } => {
                let settled = now(store.settle(epoch, &acked, &refused))?;
                let Some(settlement) = self.survive(settled)? else { return Ok(None) };
                self.after_settling(&settlement.records)?;
                Event::Settled
            }
            Effect::SendPhotos => match self.send_photos(site, line)? {
                Some(sent) => Event::PhotosSent(sent),
                None => return Ok(None),
            },
            Effect::Pull(query) => {
                let path = format!("/api/v1/pull?{}", query.to_query());
                let reply = self.cbor("GET", path, Vec::new(), site, line)?;
                Event::PullAnswered(reply.and_then(|body| query.read(&body).map_err(|_| SyncFault::BadReply)))
            }
            Effect::TakeIn { stream, reply, cursor } => {
                let taken = now(store.take_in(&stream, &reply, cursor))?;
                let Some(taken) = self.survive(taken)? else { return Ok(None) };
                if taken.lacks {
                    self.tell(Event::Doubt)?;
                }
                for record in &taken.records {
                    self.summarise(*record)?;
                }
                Event::TakenIn
            }
            Effect::ReadHeld { stream } => {
                let held = now(store.held(&stream))?;
                let Some(held) = self.survive(held)? else { return Ok(None) };
                Event::HeldRead(held)
            }
            Effect::Reconcile { stream, request } => {
                let path = format!("/api/v1/reconcile?stream={stream}");
                let reply = self.cbor("POST", path, request.to_cbor(), site, line)?;
                Event::ReconcileAnswered(
                    reply.and_then(|body| ReconcileReply::from_cbor(&body).map_err(|_| SyncFault::BadReply)),
                )
            }
            Effect::Mend { stream, named, cursor } => {
                let mended = now(store.mend(&stream, &named, cursor))?;
                if self.survive(mended)?.is_none() {
                    return Ok(None);
                }
                Event::Mended
            }
            Effect::WakeAt(_) | Effect::Report(_) => Event::Timer,
        };
        Ok(self.life.as_ref().map(|_| event))
    }

    /// Challenge, signature, session.
    pub(crate) fn sign_in(
        &mut self,
        site: &mut Site,
        line: &mut Line,
    ) -> Result<Result<(), SyncFault>, Fault> {
        let device = self.key.device();
        let challenge = json_call("/api/v1/challenge", &json!({ "device": device }), site, line)?;
        let Ok(ChallengeReply { challenge }) = challenge else { return Ok(challenge.map(|_| ())) };
        let answer =
            json!({"device": device, "challenge": challenge, "signature": self.key.answer(&challenge)});
        let session: Result<SessionReply, _> = json_call("/api/v1/session", &answer, site, line)?;
        Ok(session.map(|session| {
            if let Some(life) = &mut self.life {
                life.token = Some(session.token);
            }
        }))
    }

    fn signed(&self, method: &'static str, path: String, body: Vec<u8>) -> Asked {
        let token = self.life.as_ref().and_then(|life| life.token.clone()).unwrap_or_default();
        Asked { method, path, headers: vec![("authorization", format!("Bearer {token}"))], body }
    }

    pub(crate) fn cbor(
        &mut self,
        method: &'static str,
        path: String,
        body: Vec<u8>,
        site: &mut Site,
        line: &mut Line,
    ) -> Result<Result<Vec<u8>, SyncFault>, Fault> {
        let mut asked = self.signed(method, path, body);
        asked.headers.push(("accept", MEDIA_TYPE.to_owned()));
        asked.headers.push(("content-type", MEDIA_TYPE.to_owned()));
        let answer = line.carry(site, &asked)?;
        Ok(fine(answer).map(|answer| answer.body))
    }

    /// Sends every photo that waits, as the app does. Nothing where the device ended over it.
    fn send_photos(&mut self, site: &mut Site, line: &mut Line) -> Survived<Result<(), SyncFault>> {
        let Some(life) = &self.life else { return Ok(None) };
        let waiting = now(life.store.photos_waiting(u32::MAX))?;
        let Some(waiting) = self.survive(waiting)? else { return Ok(None) };
        for photo in &waiting.rows {
            match self.send_photo(photo, site, line)? {
                None => return Ok(None),
                Some(Ok(())) => {}
                Some(Err(fault)) => {
                    if let Some(life) = &mut self.life {
                        life.parts.failed();
                    }
                    return Ok(Some(Err(fault)));
                }
            }
        }
        Ok(Some(Ok(())))
    }

    fn send_photo(
        &mut self,
        photo: &PhotoRow,
        site: &mut Site,
        line: &mut Line,
    ) -> Survived<Result<(), SyncFault>> {
        let Some(life) = &self.life else { return Ok(None) };
        let store = life.store.clone();
        let Some(bytes) = self.survive(now(store.photo_bytes(photo.hash))?)? else { return Ok(None) };
        let bytes = bytes.unwrap_or_default();
        let path = format!("/api/v1/photos/{}", photo.hash);
        let asked = self.signed("HEAD", path.clone(), Vec::new());
        let held = match fine(line.carry(site, &asked)?).and_then(|answer| offset(&answer)) {
            Ok(held) => held,
            Err(fault) => return Ok(Some(Err(fault))),
        };
        let mut sending = Sending::new(photo.length, held);
        loop {
            let size = self.life.as_ref().map_or(0, |life| life.parts.size());
            let begins = usize::try_from(sending.held()).unwrap_or(usize::MAX).min(bytes.len());
            let part = bytes.get(begins..(begins + size).min(bytes.len())).unwrap_or_default();
            let path = format!("{path}?record={}&length={}", photo.record, photo.length);
            let mut asked = self.signed("PATCH", path, part.to_vec());
            asked.headers.push(("upload-offset", sending.held().to_string()));
            let (next, code) = match line.carry(site, &asked)? {
                Some(refused) if refused.status == 422 => {
                    let code = code_of(&refused);
                    (sending.refused(&code), code)
                }
                Some(answer) if matches!(answer.status, 204 | 409) => match offset(&answer) {
                    Ok(now_held) => {
                        if let Some(life) = &mut self.life {
                            Parts::went(&mut life.parts);
                        }
                        (sending.holds(now_held), String::new())
                    }
                    Err(fault) => return Ok(Some(Err(fault))),
                },
                other => return Ok(Some(fine(other).and(Err(SyncFault::BadReply)))),
            };
            let noted = match next {
                Next::Part => now(store.photo_progress(photo.hash, sending.held()))?,
                Next::Whole => now(store.photo_progress(photo.hash, photo.length))?,
                Next::Refused => now(store.photo_refused(photo.hash, &code))?,
                Next::Later => return Ok(Some(Ok(()))),
                Next::Stuck => return Ok(Some(Err(SyncFault::BadReply))),
            };
            if self.survive(noted)?.is_none() {
                return Ok(None);
            }
            if next != Next::Part {
                return Ok(Some(Ok(())));
            }
        }
    }
}

fn json_call<T: for<'de> serde::Deserialize<'de>>(
    path: &str,
    body: &serde_json::Value,
    site: &mut Site,
    line: &mut Line,
) -> Result<Result<T, SyncFault>, Fault> {
    let headers = vec![("content-type", "application/json".to_owned())];
    let asked = Asked { method: "POST", path: path.to_owned(), headers, body: body.to_string().into_bytes() };
    let answer = line.carry(site, &asked)?;
    Ok(fine(answer).and_then(|answer| serde_json::from_slice(&answer.body).map_err(|_| SyncFault::BadReply)))
}

fn code_of(answer: &Answer) -> String {
    serde_json::from_slice::<ProblemBody>(&answer.body).map(|body| body.error.code).unwrap_or_default()
}

fn offset(answer: &Answer) -> Result<u32, SyncFault> {
    let header = answer.headers.get("upload-offset").and_then(|value| value.to_str().ok()?.parse().ok());
    header.ok_or(SyncFault::BadReply)
}

fn fine(answer: Option<Answer>) -> Result<Answer, SyncFault> {
    let Some(answer) = answer else { return Err(SyncFault::Network) };
    match answer.status {
        200..=299 | 304 => Ok(answer),
        401 => Err(SyncFault::Unauthorised),
        413 => Err(SyncFault::TooLarge),
        429 | 503 => Err(SyncFault::Busy(BUSY)),
        400..=499 => Err(SyncFault::Rejected),
        _ => Err(SyncFault::Server),
    }
}
