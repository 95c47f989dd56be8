package render

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// The parts of an event, named as OCSF 1.6.0 names them (schema.ocsf.io).
type (
	ocsfEvent struct {
		ActivityID   int               `json:"activity_id"`
		Activity     string            `json:"activity_name"`
		CategoryUID  int               `json:"category_uid"`
		Category     string            `json:"category_name"`
		ClassUID     int               `json:"class_uid"`
		Class        string            `json:"class_name"`
		TypeUID      int               `json:"type_uid"`
		Type         string            `json:"type_name"`
		Time         int64             `json:"time"` // milliseconds since 1970
		SeverityID   int               `json:"severity_id"`
		Severity     string            `json:"severity"`
		StatusID     int               `json:"status_id"`
		Status       string            `json:"status"`
		StatusCode   string            `json:"status_code"`
		StatusDetail string            `json:"status_detail,omitempty"`
		Message      string            `json:"message"`
		Metadata     ocsfMetadata      `json:"metadata"`
		Info         ocsfInfo          `json:"finding_info"`
		Compliance   *ocsfCompliance   `json:"compliance,omitempty"`
		User         *ocsfUser         `json:"user,omitempty"`
		Permissions  []ocsfPermissions `json:"permission_analysis_results,omitempty"`
		Resources    []ocsfResource    `json:"resources"`
		Remediation  *ocsfRemediation  `json:"remediation,omitempty"`
		Unmapped     *ocsfUnmapped     `json:"unmapped"`
	}
	ocsfMetadata struct {
		Version string      `json:"version"`
		UID     string      `json:"uid"`
		LogName string      `json:"log_name"`
		Product ocsfProduct `json:"product"`
	}
	ocsfProduct struct {
		Name    string `json:"name"`
		Vendor  string `json:"vendor_name"`
		Version string `json:"version,omitempty"`
		// Feature is the exchange map: its date, and the commit that has it.
		Feature *ocsfFeature `json:"feature,omitempty"`
	}
	ocsfFeature struct {
		Name    string `json:"name"`
		UID     string `json:"uid,omitempty"`
		Version string `json:"version,omitempty"`
	}
	ocsfInfo struct {
		UID         string       `json:"uid"`
		Title       string       `json:"title"`
		Description string       `json:"desc"`
		Types       []string     `json:"types"`
		Analytic    ocsfAnalytic `json:"analytic"`
		Source      string       `json:"src_url,omitempty"`
	}
	ocsfAnalytic struct {
		UID    string `json:"uid"`
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfCompliance struct {
		Control      string      `json:"control"`
		Standards    []string    `json:"standards"`
		Requirements []string    `json:"requirements,omitempty"`
		StatusID     int         `json:"status_id"`
		Status       string      `json:"status"`
		Checks       []ocsfCheck `json:"checks"`
	}
	ocsfCheck struct {
		UID         string `json:"uid"`
		Name        string `json:"name"`
		Description string `json:"desc"`
		Version     string `json:"version,omitempty"`
		StatusID    int    `json:"status_id"`
		Status      string `json:"status"`
		SeverityID  int    `json:"severity_id"`
		Severity    string `json:"severity"`
	}
	ocsfUser struct {
		Name        string           `json:"name"`
		UID         string           `json:"uid,omitempty"`
		TypeID      int              `json:"type_id"`
		Type        string           `json:"type"`
		Account     ocsfAccount      `json:"account"`
		Credentials []ocsfCredential `json:"programmatic_credentials,omitempty"`
	}
	ocsfAccount struct {
		UID    string `json:"uid,omitempty"`
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfCredential struct {
		UID  string `json:"uid"`
		Type string `json:"type"`
		Used int64  `json:"last_used_time,omitempty"`
	}
	ocsfPermissions struct {
		Policy     ocsfPolicy      `json:"policy"`
		Granted    []string        `json:"granted_privileges,omitempty"`
		Conditions []ocsfCondition `json:"condition_keys,omitempty"`
	}
	ocsfPolicy struct {
		Name string `json:"name"`
		Type string `json:"type,omitempty"`
	}
	ocsfCondition struct {
		Name   string   `json:"name"`
		Value  string   `json:"value"`
		Values []string `json:"values,omitempty"`
	}
	ocsfResource struct {
		UID       string     `json:"uid"`
		Name      string     `json:"name"`
		Type      string     `json:"type"`
		Namespace string     `json:"namespace,omitempty"`
		Group     *ocsfGroup `json:"group,omitempty"`
		Owner     *ocsfOwner `json:"owner,omitempty"`
		Labels    []string   `json:"labels,omitempty"`
		Data      ocsfRecord `json:"data,omitzero"`
	}
	ocsfGroup struct {
		Name string `json:"name"`
	}
	ocsfOwner struct {
		Name string `json:"name"`
	}
	// ocsfRecord has no prescribed form.
	ocsfRecord struct {
		KeyID   string `json:"key_id,omitempty"`
		Policy  string `json:"policy,omitempty"`
		Purpose string `json:"purpose,omitempty"`
		Stage   string `json:"stage,omitempty"`
		File    string `json:"file,omitempty"`
		Line    int    `json:"line,omitempty"`
	}
	ocsfRemediation struct {
		Description string   `json:"desc"`
		References  []string `json:"references,omitempty"`
	}
	// ocsfUnmapped is what OCSF has no place for.
	ocsfUnmapped struct {
		Evidence string   `json:"evidence"`
		Unknown  []string `json:"unknown_privileges,omitempty"`
		// Permissions are the exchange's names for those that this release
		// doesn't recognise.
		Permissions  []string `json:"unknown_permissions,omitempty"`
		Undetermined []string `json:"undetermined_rules,omitempty"`
		Demo         bool     `json:"demo,omitempty"` // invented
	}
)

const ocsfOther = 99 // none of the listed types; the text beside it says which

// ocsfSourceIP is the condition that limits the IP addresses a key can be used
// from.
func ocsfSourceIP(l *access.IPAllowlist) ocsfCondition {
	c := ocsfCondition{Name: "source-ip", Value: l.State.String()}
	for _, e := range l.Entries {
		c.Values = append(c.Values, brief(e.Text))
	}
	return c
}

func briefs(texts []string) (out []string) {
	for _, text := range texts {
		out = append(out, brief(text))
	}
	return out
}

func ocsfTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
