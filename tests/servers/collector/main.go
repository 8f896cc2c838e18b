// The real OpenTelemetry collector with its receiver of OTLP, for tests. What it understood it appends to the file that `record`
// names: one JSON object a line with the headers that came along and the traces as the collector itself writes them. While the file
// that `refuse` names holds two numbers, a status of gRPC and seconds, it refuses what comes as a collector whose destination does.
//
//	collector --config config.yaml
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

type config struct {
	Record string `mapstructure:"record"`
	Refuse string `mapstructure:"refuse"`
}

type recorder struct {
	component.StartFunc
	component.ShutdownFunc
	config
	lock sync.Mutex
}

type line struct {
	Headers map[string][]string `json:"headers"`
	Traces  json.RawMessage     `json:"traces"`
}

func (*recorder) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (r *recorder) ConsumeTraces(ctx context.Context, traces ptrace.Traces) error {
	if err := r.refusal(); err != nil {
		return err
	}
	text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(traces)
	if err != nil {
		return err
	}
	metadata := client.FromContext(ctx).Metadata
	headers := map[string][]string{}
	for key := range metadata.Keys() {
		headers[key] = metadata.Get(key)
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	file, err := os.OpenFile(r.Record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	return json.NewEncoder(file).Encode(line{headers, text})
}

func (r *recorder) refusal() error {
	text, err := os.ReadFile(r.Refuse)
	if err != nil {
		return nil
	}
	var code, seconds int
	if _, err := fmt.Sscan(string(text), &code, &seconds); err != nil {
		return err
	}
	refused := status.New(codes.Code(code), "refused for a test")
	if seconds > 0 {
		delay := durationpb.New(time.Duration(seconds) * time.Second)
		refused, err = refused.WithDetails(&errdetails.RetryInfo{RetryDelay: delay})
		if err != nil {
			return err
		}
	}
	return refused.Err()
}

func createRecorder(_ context.Context, _ exporter.Settings, settings component.Config) (exporter.Traces, error) {
	return &recorder{config: *settings.(*config)}, nil
}

func factories() (otelcol.Factories, error) {
	record := exporter.NewFactory(
		component.MustNewType("record"),
		func() component.Config { return &config{} },
		exporter.WithTraces(createRecorder, component.StabilityLevelStable),
	)
	otlp := otlpreceiver.NewFactory()
	return otelcol.Factories{
		Receivers: map[component.Type]receiver.Factory{otlp.Type(): otlp},
		Exporters: map[component.Type]exporter.Factory{record.Type(): record},
		Telemetry: otelconftelemetry.NewFactory(),
	}, nil
}

func main() {
	resolver := confmap.ResolverSettings{
		ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory()},
		DefaultScheme:     "file",
	}
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo:              component.NewDefaultBuildInfo(),
		Factories:              factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: resolver},
	})
	if err := command.Execute(); err != nil {
		os.Exit(1)
	}
}
