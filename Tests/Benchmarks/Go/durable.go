package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log"
	"sync"
	"time"
)

// A queue in a table, as one writes it with care: a task is committed before its client is told, and the statements are
// prepared. Each claim is a statement and a commit, and so is each end.
//
// database/sql has no way to commit for several callers at once.
const queueSchema = `
CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS queue_ready ON queue (id) WHERE state = 1;
UPDATE queue SET state = 1 WHERE state = 2;`

type tableQueue struct {
	put, claim, finish *sql.Stmt
	// Wakes a worker that has found nothing.
	news chan struct{}
}

func openTableQueue(writer *sql.DB) (*tableQueue, error) {
	if _, err := writer.Exec(queueSchema); err != nil {
		return nil, err
	}
	q := &tableQueue{news: make(chan struct{}, 1)}
	var err error
	if q.put, err = writer.Prepare(`INSERT INTO queue (state, attempt, body) VALUES (1, 0, ?)`); err != nil {
		return nil, err
	}
	if q.claim, err = writer.Prepare(`UPDATE queue SET state = 2, attempt = attempt + 1
		WHERE id = (SELECT id FROM queue WHERE state = 1 ORDER BY id LIMIT 1) RETURNING id, attempt, body`); err != nil {
		return nil, err
	}
	q.finish, err = writer.Prepare(`DELETE FROM queue WHERE id = ? AND attempt = ?`)
	return q, err
}

func (q *tableQueue) publish(ctx context.Context, t task) bool {
	if _, err := q.put.ExecContext(ctx, encoded(t)); err != nil {
		log.Print(err)
		return false
	}
	q.ring()
	return true
}

func (q *tableQueue) ring() {
	select {
	case q.news <- struct{}{}:
	default:
	}
}

// work handles tasks until the context is done.
func (q *tableQueue) work(ctx context.Context, handle func(task), workers *sync.WaitGroup) {
	defer workers.Done()
	for ctx.Err() == nil {
		var id, attempt int64
		var body []byte
		switch err := q.claim.QueryRow().Scan(&id, &attempt, &body); err {
		case nil:
			// Where one was, there may be more.
			q.ring()
			var t task
			if err := json.Unmarshal(body, &t); err != nil {
				log.Print(err)
			}
			handle(t)
			if _, err := q.finish.Exec(id, attempt); err != nil {
				log.Print(err)
			}
		case sql.ErrNoRows:
			select {
			case <-q.news:
			case <-ctx.Done():
			}
		default:
			log.Print(err)
			time.Sleep(retryDelay)
		}
	}
}
