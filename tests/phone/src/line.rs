//! The line between phone and server: a proxy on TCP that counts, and that can be slow, far, and unreliable.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::fault::Fault;
use crate::random::Random;

/// How good the line is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quality {
    /// Bytes a second in each direction, shared by all connections; nothing for no bound.
    pub speed: Option<u32>,
    /// There and back.
    pub round_trip: Duration,
    /// Connections cut somewhere on the way, in a thousand.
    pub cut: u64,
    /// Connections whose answer is lost after the server acted, in a thousand.
    pub swallowed: u64,
    /// For what happens by chance.
    pub seed: u64,
}

/// What went over the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Connections opened.
    pub connections: u64,
    /// Connections cut, and answers lost.
    pub spoiled: u64,
    /// Bytes that the phone sent.
    pub up: u64,
    /// Bytes that the server sent.
    pub down: u64,
    /// Pieces read in both directions, about one a message.
    pub pieces: u64,
}

impl Traffic {
    /// What was added since.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            connections: self.connections - before.connections,
            spoiled: self.spoiled - before.spoiled,
            up: self.up - before.up,
            down: self.down - before.down,
            pieces: self.pieces - before.pieces,
        }
    }
}

/// A running proxy; it ends with the program or when it is dropped.
pub struct Line {
    /// Where the phone connects.
    pub address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    to: SocketAddr,
    quality: Quality,
    random: Mutex<Random>,
    connections: AtomicU64,
    spoiled: AtomicU64,
    up: Way,
    down: Way,
    ended: AtomicBool,
    /// Whether nobody gets through.
    gone: AtomicBool,
    /// Ends of the connections that are open, to hang up.
    open: Mutex<Vec<TcpStream>>,
    /// When something last went over it.
    last: Mutex<Instant>,
}

/// One direction.
#[derive(Default)]
struct Way {
    bytes: AtomicU64,
    pieces: AtomicU64,
    /// When the line is free for the next piece.
    free: Mutex<Option<Instant>>,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Fine,
    /// Ends after so many bytes in both directions.
    Cut(u64),
    /// Nothing of the answer comes back.
    Swallowed,
}

impl Line {
    /// Listens on a free port of this machine and passes everything on to `to`.
    ///
    /// # Errors
    /// [`Fault::Io`] where no port is free.
    pub fn open(to: SocketAddr, quality: Quality) -> Result<Self, Fault> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(Fault::io("the proxy"))?;
        let address = listener.local_addr().map_err(Fault::io("the proxy"))?;
        let inner = Arc::new(Inner {
            to,
            quality,
            random: Mutex::new(Random::new(quality.seed)),
            connections: AtomicU64::new(0),
            spoiled: AtomicU64::new(0),
            up: Way::default(),
            down: Way::default(),
            ended: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            open: Mutex::default(),
            last: Mutex::new(Instant::now()),
        });
        let serving = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.ended.load(Ordering::Relaxed) {
                    return;
                }
                if serving.gone.load(Ordering::SeqCst) {
                    continue;
                }
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || serving.pass(stream));
            }
        });
        Ok(Self { address, inner })
    }

    /// Ends every connection, and lets nobody through until [`Line::mend`].
    pub fn cut(&self) {
        self.inner.gone.store(true, Ordering::SeqCst);
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets everybody through again.
    pub fn mend(&self) {
        self.inner.gone.store(false, Ordering::SeqCst);
    }

    /// Waits until nothing went over the line for so long; tells when something last did.
    pub fn quiet(&self, long: Duration) -> Instant {
        loop {
            let last = *self.inner.last.lock().unwrap_or_else(PoisonError::into_inner);
            let left = (last + long).saturating_duration_since(Instant::now());
            if left.is_zero() {
                return last;
            }
            std::thread::sleep(left);
        }
    }

    /// What went over it so far.
    pub fn traffic(&self) -> Traffic {
        let inner = &self.inner;
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Traffic {
            connections: count(&inner.connections),
            spoiled: count(&inner.spoiled),
            up: count(&inner.up.bytes),
            down: count(&inner.down.bytes),
            pieces: count(&inner.up.pieces) + count(&inner.down.pieces),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.inner.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

impl Inner {
    fn fate(&self) -> Fate {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        if random.happens(self.quality.cut) {
            // Some within the head of a request, some far within a body.
            let within = [500, 5_000, 50_000, 200_000];
            let within = random.one_of(&within).copied().unwrap_or(500);
            Fate::Cut(random.below(within))
        } else if random.happens(self.quality.swallowed) {
            Fate::Swallowed
        } else {
            Fate::Fine
        }
    }

    /// Passes one connection on until one side ends it, or chance does.
    fn pass(self: Arc<Self>, phone: TcpStream) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let fate = self.fate();
        if fate != Fate::Fine {
            self.spoiled.fetch_add(1, Ordering::Relaxed);
        }
        let Ok(server) = TcpStream::connect(self.to) else { return };
        let (_, _) = (phone.set_nodelay(true), server.set_nodelay(true));
        if let Ok(end) = phone.try_clone() {
            self.open.lock().unwrap_or_else(PoisonError::into_inner).push(end);
        }
        let both = Arc::new((phone, server, AtomicU64::new(0)));
        // A connection is opened with a round trip of its own.
        let opened = Instant::now() + self.quality.round_trip;
        let up = {
            let (inner, both) = (Arc::clone(&self), Arc::clone(&both));
            std::thread::spawn(move || inner.carry(&both, true, fate, opened))
        };
        self.carry(&both, false, fate, opened);
        let _ = up.join();
    }

    fn carry(&self, both: &Arc<(TcpStream, TcpStream, AtomicU64)>, up: bool, fate: Fate, opened: Instant) {
        let way = if up { &self.up } else { &self.down };
        let (mut from, to) = if up { (&both.0, &both.1) } else { (&both.1, &both.0) };
        let (Ok(reading), Ok(writing)) = (from.try_clone(), to.try_clone()) else { return };
        let (queue, queued) = channel();
        let writer = std::thread::spawn(move || deliver(&queued, writing, &reading));
        let mut buffer = vec![0; if self.quality.speed.is_some() { 1_400 } else { 64 * 1024 }];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            way.bytes.fetch_add(length as u64, Ordering::Relaxed);
            way.pieces.fetch_add(1, Ordering::Relaxed);
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            let passed = both.2.fetch_add(length as u64, Ordering::Relaxed) + length as u64;
            let ends = matches!(fate, Fate::Cut(after) if passed > after) || (fate == Fate::Swallowed && !up);
            if ends {
                let _ = both.0.shutdown(Shutdown::Both);
                let _ = both.1.shutdown(Shutdown::Both);
                break;
            }
            let sent = self.take_turn(way, length);
            let due = sent.max(opened) + self.quality.round_trip / 2;
            let piece = buffer.get(..length).unwrap_or_default().to_vec();
            if queue.send((due, piece)).is_err() {
                break;
            }
        }
        drop(queue);
        let _ = writer.join();
    }

    /// Waits until these bytes are on the line.
    fn take_turn(&self, way: &Way, length: usize) -> Instant {
        let now = Instant::now();
        let Some(speed) = self.quality.speed else { return now };
        let takes = Duration::from_secs(length as u64) / speed.max(1);
        let mut free = way.free.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = free.map_or(now, |free| free.max(now)) + takes;
        *free = Some(sent);
        drop(free);
        std::thread::sleep(sent.saturating_duration_since(Instant::now()));
        sent
    }
}

/// Hands pieces over when they are due, and ends the direction behind the last.
fn deliver(pieces: &Receiver<(Instant, Vec<u8>)>, mut to: TcpStream, from: &TcpStream) {
    while let Ok((due, piece)) = pieces.recv() {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&piece).is_err() {
            // Nobody takes it any more: whoever sends learns that, too.
            let _ = from.shutdown(Shutdown::Read);
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
