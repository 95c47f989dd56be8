// Command schedule checks the files that others run, as far as that is possible without
// them: Kubernetes objects are decoded strictly into Kubernetes' own types, cron lines by a
// cron library, GitHub's files by what this project holds about them; and the action's
// scripts are run. Its argument is the repository's root.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/robfig/cron/v3"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schedule ROOT")
		os.Exit(2)
	}
	root, err := filepath.Abs(os.Args[1])
	if err == nil {
		err = check(root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(root string) error {
	folder, fleet := filepath.Join(root, "examples", "keyaudit", "schedule"), filepath.Join(root, "examples", "keyaudit", "fleet")
	return errors.Join(
		kubernetes(filepath.Join(folder, "cronjob.yaml")), kubernetes(filepath.Join(fleet, "worker.yaml")), kubernetes(filepath.Join(fleet, "coordinator.yaml")), crontab(filepath.Join(folder, "crontab")),
		versions(root), actions(root), forms(root), dependabot(root), action(root),
	)
}

func kubernetes(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var pod *corev1.PodSpec
	for _, document := range bytes.Split(data, []byte("\n---\n")) {
		var kind struct {
			Kind string `json:"kind"`
		}
		if err := yaml.Unmarshal(document, &kind); err != nil {
			return err
		}
		switch kind.Kind {
		case "CronJob":
			job := &batchv1.CronJob{}
			if err = yaml.UnmarshalStrict(document, job); err == nil {
				_, err = cron.ParseStandard(job.Spec.Schedule)
			}
			pod = &job.Spec.JobTemplate.Spec.Template.Spec
		case "Deployment":
			worker := &appsv1.Deployment{}
			err = yaml.UnmarshalStrict(document, worker)
			pod = &worker.Spec.Template.Spec
		case "PersistentVolumeClaim":
			err = yaml.UnmarshalStrict(document, &corev1.PersistentVolumeClaim{})
		default:
			err = fmt.Errorf("unexpected kind of object %q", kind.Kind)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if pod == nil {
		return fmt.Errorf("%s runs nothing", path)
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
	}
	for _, c := range pod.Containers {
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				return fmt.Errorf("%s: the volume %s is mounted and not defined", path, m.Name)
			}
		}
		if s := c.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
			return fmt.Errorf("%s: the container can write to its own files", path)
		}
	}
	return nil
}

func crontab(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := 0
	for line := range strings.SplitSeq(string(data), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 6 || strings.HasPrefix(line, "#") {
			continue
		}
		lines++
		if strings.Contains(string(data), "\nCRON_TZ=") {
			return fmt.Errorf("%s: CRON_TZ, which Debian's cron ignores: the job would run at another time than it says", path)
		}
		if _, err := cron.ParseStandard(strings.Join(fields[:5], " ")); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if lines != 1 {
		return fmt.Errorf("%s: %d jobs, not 1", path, lines)
	}
	return nil
}
