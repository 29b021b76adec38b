// The task queue as one writes it in Go: net/http, a channel, goroutines, database/sql over SQLite.
//
// usage: taskqueue -port P -file F [-consumers N] [-max-length N] [-table]
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	mathrand "math/rand"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const (
	maxBody        = 10 << 20
	maxHead        = 32 << 10
	maxConnections = 10000
	publishTimeout = 5 * time.Second
	retryDelay     = 100 * time.Millisecond
	maxRetryDelay  = 30 * time.Second
	stopTimeout    = 30 * time.Second
)

const schema = `
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY,
    payload TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    result TEXT,
    created_at INTEGER NOT NULL,
    processed_at INTEGER
);
CREATE INDEX IF NOT EXISTS tasks_created_at ON tasks (created_at);`

const insert = `INSERT INTO tasks (id, payload, status, result, created_at, processed_at)
VALUES (?, ?, 'completed', ?, ?, ?) ON CONFLICT DO NOTHING`

const columns = `SELECT id, payload, status, result, created_at, processed_at FROM tasks`

// task is a message of the queue; its JSON text is the stored payload.
type task struct {
	Action    string          `json:"action"`
	CreatedAt int64           `json:"created_at"`
	Data      json.RawMessage `json:"data"`
	ID        string          `json:"id"`
}

type row struct {
	ID          string  `json:"id"`
	Payload     string  `json:"payload"`
	Status      string  `json:"status"`
	Result      *string `json:"result"`
	CreatedAt   int64   `json:"created_at"`
	ProcessedAt *int64  `json:"processed_at"`
}

type server struct {
	queue chan task
	// Takes the place of the channel if there is one.
	table    *tableQueue
	insert   *sql.Stmt
	newest   *sql.Stmt
	ofStatus *sql.Stmt
}

func main() {
	log.SetFlags(log.LstdFlags | log.Lmicroseconds)
	port := flag.Int("port", 8080, "the port")
	file := flag.String("file", "data/tasks.db", "the SQLite file")
	consumers := flag.Int("consumers", 2, "how many tasks are worked on at once; 0 leaves them in the queue")
	maxLength := flag.Int("max-length", 1000, "how many tasks may wait")
	table := flag.Bool("table", false, "keep the tasks in a table")
	flag.Parse()
	if err := run(*port, *file, *consumers, *maxLength, *table); err != nil {
		log.Fatal(err)
	}
}

func run(port int, file string, consumers, maxLength int, table bool) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	// One connection writes and four read, as SQLite itself has it.
	source := "file:" + file + "?_journal_mode=WAL&_busy_timeout=5000&_synchronous="
	if table {
		// What was accepted is to survive a power failure.
		source += "FULL"
	} else {
		source += "NORMAL"
	}
	writer, err := sql.Open("sqlite3", source)
	if err != nil {
		return err
	}
	defer writer.Close()
	writer.SetMaxOpenConns(1)
	if _, err := writer.Exec("PRAGMA wal_autocheckpoint = 4000;" + schema); err != nil {
		return err
	}
	readers, err := sql.Open("sqlite3", source+"&mode=ro")
	if err != nil {
		return err
	}
	defer readers.Close()
	readers.SetMaxOpenConns(4)
	readers.SetMaxIdleConns(4)

	s := &server{queue: make(chan task, maxLength)}
	if s.insert, err = writer.Prepare(insert); err != nil {
		return err
	}
	if s.newest, err = readers.Prepare(columns + " ORDER BY created_at DESC LIMIT 100"); err != nil {
		return err
	}
	if s.ofStatus, err = readers.Prepare(columns + " WHERE status = ? ORDER BY created_at DESC LIMIT 100"); err != nil {
		return err
	}

	if table {
		if s.table, err = openTableQueue(writer); err != nil {
			return err
		}
	}
	working, endWork := context.WithCancel(context.Background())
	defer endWork()

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	for range consumers {
		workers.Add(1)
		if table {
			go s.table.work(working, s.process, &workers)
			continue
		}
		go func() {
			defer workers.Done()
			for t := range s.queue {
				s.process(t)
			}
		}()
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /small", s.small)
	mux.HandleFunc("POST /tasks", s.create)
	mux.HandleFunc("GET /tasks", s.list)
	web := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 40 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 60 * time.Second, MaxHeaderBytes: maxHead,
	}
	signals, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(&limitedListener{listener, make(chan struct{}, maxConnections)}) }()
	select {
	case err := <-failed:
		return err
	case <-signals.Done():
	}
	deadline, cancelDeadline := context.WithTimeout(context.Background(), stopTimeout)
	defer cancelDeadline()
	if err := web.Shutdown(deadline); err != nil {
		return err
	}
	close(s.queue)
	endWork()
	drained := make(chan struct{})
	go func() { workers.Wait(); close(drained) }()
	select {
	case <-drained:
	case <-deadline.Done():
	}
	if left := len(s.queue); left > 0 {
		log.Printf("%d tasks were left in the queue", left)
	}
	return nil
}

func (s *server) small(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, struct {
		Count  int    `json:"count"`
		Status string `json:"status"`
	}{42, "ready"})
}

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			fail(w, http.StatusRequestEntityTooLarge, "body too large")
		} else {
			fail(w, http.StatusBadRequest, "body incomplete")
		}
		return
	}
	var wanted struct {
		Action json.RawMessage `json:"action"`
		Data   json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &wanted); err != nil {
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) {
			fail(w, http.StatusBadRequest, "action required")
		} else {
			fail(w, http.StatusBadRequest, "invalid JSON")
		}
		return
	}
	t := task{ID: newID(), Data: wanted.Data, CreatedAt: time.Now().Unix()}
	if len(wanted.Action) == 0 || wanted.Action[0] != '"' || json.Unmarshal(wanted.Action, &t.Action) != nil {
		fail(w, http.StatusBadRequest, "action required")
		return
	}
	if t.Data == nil {
		t.Data = json.RawMessage("{}")
	}
	if !s.publish(r.Context(), t) {
		fail(w, http.StatusServiceUnavailable, "queue full")
		return
	}
	answer(w, http.StatusAccepted, struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}{t.ID, "queued"})
}

// publish waits for room, no longer than publishTimeout.
func (s *server) publish(ctx context.Context, t task) bool {
	if s.table != nil {
		return s.table.publish(ctx, t)
	}
	select {
	case s.queue <- t:
		return true
	default:
	}
	timer := time.NewTimer(publishTimeout)
	defer timer.Stop()
	select {
	case s.queue <- t:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	var rows *sql.Rows
	var err error
	if query := r.URL.Query(); query.Has("status") {
		rows, err = s.ofStatus.QueryContext(r.Context(), query.Get("status"))
	} else {
		rows, err = s.newest.QueryContext(r.Context())
	}
	tasks := make([]row, 0, 100)
	if err == nil {
		defer rows.Close()
		for rows.Next() {
			var t row
			if err = rows.Scan(&t.ID, &t.Payload, &t.Status, &t.Result, &t.CreatedAt, &t.ProcessedAt); err != nil {
				break
			}
			tasks = append(tasks, t)
		}
		err = errors.Join(err, rows.Err())
	}
	if err != nil {
		log.Print(err)
		fail(w, http.StatusInternalServerError, "internal error")
		return
	}
	answer(w, http.StatusOK, struct {
		Count int   `json:"count"`
		Tasks []row `json:"tasks"`
	}{len(tasks), tasks})
}

// process stores a task's result, trying again until it is stored.
func (s *server) process(t task) {
	payload, result := encoded(t), encoded(map[string]any{"output": output(t)})
	for delay := time.Duration(0); ; {
		_, err := s.insert.Exec(t.ID, payload, result, t.CreatedAt, time.Now().Unix())
		if err == nil {
			return
		}
		log.Print(err)
		time.Sleep(delay/2 + time.Duration(mathrand.Int63n(int64(delay/2)+1)))
		delay = min(max(2*delay, retryDelay), maxRetryDelay)
	}
}

func output(t task) any {
	switch t.Action {
	case "uppercase":
		var data struct {
			Text string `json:"text"`
		}
		_ = json.Unmarshal(t.Data, &data)
		return strings.ToUpper(data.Text)
	case "sum":
		var data struct {
			Numbers []json.Number `json:"numbers"`
		}
		_ = json.Unmarshal(t.Data, &data)
		return sum(data.Numbers)
	default:
		return "processed"
	}
}

func sum(numbers []json.Number) any {
	whole, real, isWhole := int64(0), 0.0, true
	for _, number := range numbers {
		if n, err := number.Int64(); err == nil {
			whole += n
			real += float64(n)
		} else if f, err := number.Float64(); err == nil {
			isWhole = false
			real += f
		}
	}
	if isWhole {
		return whole
	}
	return real
}

func encoded(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		log.Print(err)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		log.Print(err)
		status, text = http.StatusInternalServerError, []byte(`{"error":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func fail(w http.ResponseWriter, status int, text string) {
	answer(w, status, map[string]string{"error": text})
}

// newID is a UUID of version 4.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// limitedListener accepts no more connections than its channel has room for.
type limitedListener struct {
	net.Listener
	open chan struct{}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	l.open <- struct{}{}
	connection, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &limitedConnection{Conn: connection, closed: func() { <-l.open }}, nil
}

type limitedConnection struct {
	net.Conn
	once   sync.Once
	closed func()
}

func (c *limitedConnection) Close() error {
	c.once.Do(c.closed)
	return c.Conn.Close()
}
