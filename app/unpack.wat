;; Puts the parts of a program's functions together again: the inner half of unpack.js, in WebAssembly since a script
;; takes three times as long, most of it to grow warm.
(module
  ;; Filled by unpack.js. From 0, where each stream is read next, a word each. From 256, by operation, the stream of the
  ;; number that follows it, or 255. From 512, by operation, how much deeper in blocks it leads. From 768, by operation,
  ;; the alignment that most of them have. From 65536, the function's locals that were used, a word each, the last one
  ;; first; from 327680, by local, whether it was.
  (import "" "memory" (memory 1))
  ;; Streams: where they are read next stands at four times their number.
  (global $AFTER i32 (i32.const 4))
  (global $LOCALS i32 (i32.const 8))
  (global $OPERATION i32 (i32.const 12))
  (global $LOCAL i32 (i32.const 16))
  (global $FLOAT i32 (i32.const 28))
  (global $LOAD i32 (i32.const 32))
  (global $STORE i32 (i32.const 36))
  (global $BRANCH i32 (i32.const 44))
  (global $OTHER i32 (i32.const 48))
  ;; Where is written next.
  (global $end (mut i32) (i32.const 0))
  ;; How many of the function's locals were used.
  (global $used (mut i32) (i32.const 0))

  (func $put (param $byte i32)
    (i32.store8 (global.get $end) (local.get $byte))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))

  (func $next (param $stream i32) (result i32)
    (local $from i32)
    (local.set $from (i32.load (local.get $stream)))
    (i32.store (local.get $stream) (i32.add (local.get $from) (i32.const 1)))
    (i32.load8_u (local.get $from)))

  ;; Reads a number, seven bits a byte, the lowest first.
  (func $read (param $stream i32) (result i32)
    (local $number i32) (local $shift i32) (local $byte i32)
    (loop $more
      (local.set $byte (call $next (local.get $stream)))
      (local.set $number (i32.or (local.get $number)
        (i32.shl (i32.and (local.get $byte) (i32.const 127)) (local.get $shift))))
      (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
      (br_if $more (i32.gt_u (local.get $byte) (i32.const 127))))
    (local.get $number))

  ;; Takes so many bytes over to where is written.
  (func $copy (param $stream i32) (param $count i32)
    (memory.copy (global.get $end) (i32.load (local.get $stream)) (local.get $count))
    (global.set $end (i32.add (global.get $end) (local.get $count)))
    (i32.store (local.get $stream) (i32.add (i32.load (local.get $stream)) (local.get $count))))

  ;; Takes a number over, and tells it.
  (func $take (param $stream i32) (result i32)
    (local $number i32) (local $shift i32) (local $byte i32)
    (loop $more
      (local.set $byte (call $next (local.get $stream)))
      (call $put (local.get $byte))
      (local.set $number (i32.or (local.get $number)
        (i32.shl (i32.and (local.get $byte) (i32.const 127)) (local.get $shift))))
      (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
      (br_if $more (i32.gt_u (local.get $byte) (i32.const 127))))
    (local.get $number))

  (func $takes (param $stream i32) (param $count i32)
    (loop $more
      (if (i32.gt_s (local.get $count) (i32.const 0)) (then
        (drop (call $take (local.get $stream)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $more)))))

  (func $write (param $number i32)
    (loop $more
      (if (i32.gt_u (local.get $number) (i32.const 127)) (then
        (call $put (i32.or (i32.and (local.get $number) (i32.const 127)) (i32.const 128)))
        (local.set $number (i32.shr_u (local.get $number) (i32.const 7)))
        (br $more))))
    (call $put (local.get $number)))

  ;; Writes the length in front of what stands from two bytes behind `start`, which is moved where its length takes another
  ;; number of bytes: one, or three, or four.
  (func $measure (param $start i32)
    (local $from i32) (local $length i32)
    (local.set $from (i32.add (local.get $start) (i32.const 2)))
    (local.set $length (i32.sub (global.get $end) (local.get $from)))
    (global.set $end (local.get $start))
    (if (i32.lt_u (local.get $length) (i32.const 128)) (then
      (memory.copy (i32.add (local.get $start) (i32.const 1)) (local.get $from) (local.get $length))))
    (if (i32.gt_u (local.get $length) (i32.const 16383)) (then
      (memory.copy (i32.add (local.get $start) (select (i32.const 4) (i32.const 3)
        (i32.gt_u (local.get $length) (i32.const 2097151)))) (local.get $from) (local.get $length))))
    (call $write (local.get $length))
    (global.set $end (i32.add (global.get $end) (local.get $length))))

  ;; A local stands by its place among those used last, and behind them among those not used yet.
  (func $local
    (local $place i32) (local $which i32) (local $at i32)
    (local.set $place (call $read (global.get $LOCAL)))
    (if (i32.lt_u (local.get $place) (global.get $used))
      (then (local.set $which (i32.load offset=65536 (i32.shl (local.get $place) (i32.const 2)))))
      (else
        (local.set $at (i32.sub (local.get $place) (global.get $used)))
        (block $found
          (loop $more
            (if (i32.eqz (i32.load8_u offset=327680 (local.get $which))) (then
              (br_if $found (i32.eqz (local.get $at)))
              (local.set $at (i32.sub (local.get $at) (i32.const 1)))))
            (local.set $which (i32.add (local.get $which) (i32.const 1)))
            (br $more)))
        (i32.store8 offset=327680 (local.get $which) (i32.const 1))
        (local.set $place (global.get $used))
        (global.set $used (i32.add (global.get $used) (i32.const 1)))))
    (local.set $at (i32.shl (local.get $place) (i32.const 2)))
    (loop $more
      (if (local.get $at) (then
        (i32.store offset=65536 (local.get $at) (i32.load offset=65532 (local.get $at)))
        (local.set $at (i32.sub (local.get $at) (i32.const 4)))
        (br $more))))
    (i32.store (i32.const 65536) (local.get $which))
    (call $write (local.get $which)))

  ;; What follows an operation that takes more than a number: tables of branches, indirect calls, choices with a type,
  ;; floating-point constants, and those with a second number, of which `memory.init`, `memory.copy`, `table.init` and
  ;; `table.copy` (8, 10, 12, 14) take two more, and those up to 7 none.
  (func $further (param $operation i32)
    (local $number i32)
    (if (i32.eq (local.get $operation) (i32.const 0x0e)) (then
      (call $takes (global.get $BRANCH) (i32.add (call $take (global.get $BRANCH)) (i32.const 1)))))
    (if (i32.eq (local.get $operation) (i32.const 0x11)) (then (call $takes (global.get $OTHER) (i32.const 2))))
    (if (i32.eq (local.get $operation) (i32.const 0x1c)) (then
      (call $takes (global.get $OPERATION) (call $take (global.get $OPERATION)))))
    (if (i32.eq (local.get $operation) (i32.const 0x43)) (then (call $copy (global.get $FLOAT) (i32.const 4))))
    (if (i32.eq (local.get $operation) (i32.const 0x44)) (then (call $copy (global.get $FLOAT) (i32.const 8))))
    (if (i32.eq (local.get $operation) (i32.const 0xfc)) (then
      (local.set $number (call $take (global.get $OPERATION)))
      (if (i32.gt_u (local.get $number) (i32.const 7)) (then
        (call $takes (global.get $OPERATION) (select (i32.const 1) (i32.const 2)
          (i32.or (i32.gt_u (local.get $number) (i32.const 14)) (i32.and (local.get $number) (i32.const 1))))))))))

  (func $body
    (local $depth i32) (local $operation i32) (local $alignment i32) (local $follows i32)
    (call $takes (global.get $LOCALS) (i32.shl (call $take (global.get $LOCALS)) (i32.const 1)))
    (loop $more
      (if (global.get $used) (then
        (global.set $used (i32.sub (global.get $used) (i32.const 1)))
        (i32.store8 offset=327680 (i32.load offset=65536 (i32.shl (global.get $used) (i32.const 2))) (i32.const 0))
        (br $more))))
    (local.set $alignment (i32.const -1))
    (local.set $depth (i32.const 1))
    (loop $more
      (local.set $operation (call $next (global.get $OPERATION)))
      (if (i32.eq (local.get $operation) (i32.const 0x27)) (then
        (local.set $alignment (call $next (global.get $OPERATION)))
        (br $more)))
      (call $put (local.get $operation))
      (local.set $depth (i32.add (local.get $depth) (i32.load8_s offset=512 (local.get $operation))))
      (local.set $follows (i32.shl (i32.load8_u offset=256 (local.get $operation)) (i32.const 2)))
      ;; 1020: 255, times four as every stream.
      (if (i32.eq (local.get $follows) (global.get $LOCAL)) (then (call $local))
      (else (if (i32.eq (local.get $follows) (i32.const 1020)) (then (call $further (local.get $operation)))
      (else (if (local.get $follows) (then
        (if (i32.or (i32.eq (local.get $follows) (global.get $LOAD)) (i32.eq (local.get $follows) (global.get $STORE))) (then
          (call $put (select (i32.load8_u offset=768 (local.get $operation)) (local.get $alignment)
            (i32.lt_s (local.get $alignment) (i32.const 0))))
          (local.set $alignment (i32.const -1))))
        (drop (call $take (local.get $follows)))))))))
      (br_if $more (local.get $depth))))

  ;; The program, written to `end`, from what stands before its functions and behind them, so many bytes each.
  (func (export "unpack") (param $end i32) (param $before i32) (param $after i32)
    (local $section i32) (local $start i32) (local $count i32)
    (global.set $end (local.get $end))
    (call $copy (i32.const 0) (local.get $before))
    (call $put (i32.const 10))
    (local.set $section (global.get $end))
    (global.set $end (i32.add (global.get $end) (i32.const 2)))
    (local.set $count (call $take (global.get $LOCALS)))
    (loop $more
      (if (local.get $count) (then
        (local.set $start (global.get $end))
        (global.set $end (i32.add (global.get $end) (i32.const 2)))
        (call $body)
        (call $measure (local.get $start))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $more))))
    (call $measure (local.get $section))
    (call $copy (global.get $AFTER) (local.get $after))))
