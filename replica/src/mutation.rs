//! Safety rules that a test can turn off, one at a time, to see that it would notice. Only where the feature `mutation`
//! is on; in what is released every rule holds, and asking costs nothing.

/// A rule without which something is lost or doubled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Rule {
    /// What was typed is in the journal before a person is told that it is saved.
    JournalFlush = 1,
    /// What a tab that is gone left in the journal is taken up.
    JournalReplay,
    /// The journal is cleared in the same transaction that keeps the change.
    JournalClearedWithChange,
    /// A change and its place in the outbox are kept in one transaction.
    ChangeWithOutbox,
    /// A change leaves the outbox only once the server has acknowledged it.
    OutboxUntilAck,
    /// The cursor moves in the same transaction that keeps what it counts.
    CursorWithChanges,
    /// A change that is stored is known by its hash, however often it comes.
    IdempotentByHash,
    /// Another epoch than the device knows makes it compare.
    EpochCheck,
    /// The first epoch that a device hears of is kept with the acknowledgement.
    EpochWithAck,
    /// Ranges are the same only where their digests are.
    DigestCompare,
    /// What the server lost is offered again.
    OfferedAgain,
    /// A change builds only on what is stored.
    DependencyCheck,
    /// An actor's changes are numbered without a gap or a double.
    SequenceCheck,
    /// An actor belongs to one device.
    ActorOfDevice,
    /// A record's first change is derived, the same everywhere.
    DerivedRoot,
    /// Each tab is an actor of its own.
    TabDrawnAnew,
    /// A change builds on what the person had in view.
    BuildsOnView,
    /// An answer in a row touches the row's mark.
    RowTouched,
    /// What was set aside is given to nobody.
    SetAsideHidden,
    /// A photo is sent only once the server holds all of it.
    PhotoWhole,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::JournalFlush,
        Self::JournalReplay,
        Self::JournalClearedWithChange,
        Self::ChangeWithOutbox,
        Self::OutboxUntilAck,
        Self::CursorWithChanges,
        Self::IdempotentByHash,
        Self::EpochCheck,
        Self::EpochWithAck,
        Self::DigestCompare,
        Self::OfferedAgain,
        Self::DependencyCheck,
        Self::SequenceCheck,
        Self::ActorOfDevice,
        Self::DerivedRoot,
        Self::TabDrawnAnew,
        Self::BuildsOnView,
        Self::RowTouched,
        Self::SetAsideHidden,
        Self::PhotoWhole,
    ];
}

#[cfg(feature = "mutation")]
static OFF: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Turns this rule off in the whole process, and all others on.
#[cfg(feature = "mutation")]
pub fn turn_off(rule: Option<Rule>) {
    OFF.store(rule.map_or(0, |rule| rule as u8), std::sync::atomic::Ordering::SeqCst);
}

/// Another number each time.
#[cfg(feature = "mutation")]
pub(crate) fn count() -> i64 {
    static COUNT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Whether a rule is off.
#[cfg(feature = "mutation")]
pub fn is_off(rule: Rule) -> bool {
    OFF.load(std::sync::atomic::Ordering::Relaxed) == rule as u8
}

/// Nothing.
#[cfg(not(feature = "mutation"))]
pub(crate) const fn count() -> i64 {
    0
}

/// Never.
#[cfg(not(feature = "mutation"))]
#[inline(always)]
#[expect(clippy::inline_always, reason = "so that nothing of it is left")]
pub const fn is_off(_: Rule) -> bool {
    false
}
